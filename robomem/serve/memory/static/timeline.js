// The time that is shown. At an observation, "as known then" means when that had been written down.

import { byId, el } from "./dom.js";
import { moment } from "./format.js";

const THUMB_PIXELS = 18;

export class Timeline {
  constructor(change) {
    this.slider = byId("slider");
    this.change = change;
    this.moments = [];
    this.present = true;
    this.slider.addEventListener("input", () => this.set(Number(this.slider.value)));
    this.slider.addEventListener("keydown", (event) => this.key(event));
    byId("known").addEventListener("change", () => this.tell());
    byId("now").addEventListener("click", () => this.toPresent());
  }

  // Where, on the two axes of time, the view is; null for the present.
  get when() {
    if (this.present) return { valid: null, known: null };
    const last = this.last();
    const exact = last && last.time === this.time;
    return { valid: this.time, known: byId("known").checked ? (exact ? last.recorded_at : this.time) : null };
  }

  load(moments) {
    this.moments = moments;
    const times = moments.map((one) => one.time);
    this.from = times[0] ?? 0;
    this.to = (times.at(-1) ?? 1) + 1;
    this.slider.min = this.from;
    this.slider.max = this.to;
    if (this.present) this.slider.value = this.to;
    const width = Math.max(this.to - this.from, 1);
    byId("ticks").replaceChildren(...[...new Set(times)].map((time) => {
      const tick = el("i");
      tick.style.left = `calc(${THUMB_PIXELS / 2}px + (100% - ${THUMB_PIXELS}px) * ${(time - this.from) / width})`;
      return tick;
    }));
    this.say();
  }

  last() {
    return this.moments.findLast((one) => this.present || one.time <= this.time);
  }

  set(time) {
    this.present = time >= this.to;
    this.time = time;
    this.slider.value = time;
    this.tell();
  }

  toPresent() {
    this.set(this.to);
  }

  key(event) {
    const back = ["ArrowLeft", "ArrowDown"].includes(event.key);
    if (!back && !["ArrowRight", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    const now = this.present ? this.to : this.time;
    const next = back ? this.moments.findLast((one) => one.time < now) : this.moments.find((one) => one.time > now);
    if (next) this.set(next.time);
    else if (!back) this.toPresent();
  }

  tell() {
    this.say();
    this.change();
  }

  say() {
    byId("clock").textContent = this.present ? "Now" : moment(this.time);
    this.slider.setAttribute("aria-valuetext", byId("clock").textContent);
    byId("happened").textContent = this.last()?.summary ?? "";
    byId("now").disabled = this.present;
  }
}
