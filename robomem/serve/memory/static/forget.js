// Forgetting: why, and the token that the server printed.

import * as api from "./api.js";
import { byId } from "./dom.js";

const dialog = byId("forget");
let wish = null;

function fail(text) {
  byId("forget-error").textContent = text;
  byId("forget-error").hidden = !text;
}

export function askToForget(by, value, words) {
  wish = { by, value };
  byId("forget-what").textContent =
    `“${words}”, and what rests on it alone. It is erased from the present and from every view of the past.`;
  byId("forget-reason").value = "";
  fail("");
  dialog.showModal();
  byId("forget-reason").focus();
}

export function whenForgotten(done) {
  byId("forget-cancel").addEventListener("click", () => dialog.close());
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    byId("forget-go").disabled = true;
    try {
      await api.forget(wish.by, wish.value, byId("forget-reason").value, byId("forget-token").value);
      dialog.close();
      done();
    } catch (error) {
      fail(error.message);
    } finally {
      byId("forget-go").disabled = false;
    }
  });
}
