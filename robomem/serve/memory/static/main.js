// The page: a time, a scene of that time, and what is looked at.

import { ask } from "./api.js";
import { byId } from "./dom.js";
import { askToForget, whenForgotten } from "./forget.js";
import { showAsked, showAudit, showEntity, showFound, showThings, showWhy } from "./panel.js";
import { Plan } from "./plan.js";
import { Timeline } from "./timeline.js";

const NEWS_MS = 5000;
let scene = { entities: [], facts: [] };
let looking = () => all();
let request = 0;

const act = {
  all: () => look(async () => scene, all),
  open: (id) => look(() => ask(`/api/entities/${id}`, timeline.when), (portrait) => {
    plan.choose(id);
    showEntity(portrait, act);
  }),
  why: (id) => look(() => ask(`/api/facts/${id}`), (explained) => {
    plan.choose(explained.fact.subject);
    showWhy(explained, act);
  }),
  forget: askToForget,
};
const plan = new Plan(act.open);
const timeline = new Timeline(() => refresh());

async function attempt(work) {
  try {
    await work();
    byId("message").hidden = true;
  } catch (error) {
    byId("message").textContent = error.message;
    byId("message").hidden = false;
  }
}

function look(find, show, fail = () => {}) {
  const at = async () => {
    try {
      const found = await find();
      if (looking === at) show(found); // else something other is looked at by now
    } catch (error) {
      if (looking === at) fail();
      throw error;
    }
  };
  looking = at;
  return attempt(at);
}

function all() {
  plan.choose(null);
  showThings(scene, act.open);
}

async function refresh() {
  const mine = ++request;
  await attempt(async () => {
    const found = await ask("/api/scene", timeline.when);
    if (mine !== request) return; // the slider has gone on meanwhile
    scene = found;
    plan.show(scene);
    document.body.dataset.shown = String(timeline.when.valid ?? "now");
    await looking();
  });
}

async function news(first = false) {
  const about = await ask("/api/about");
  const latest = (moments) => moments.at(-1)?.observation;
  if (!first && latest(about.moments) === latest(timeline.moments)) return;
  byId("namespace").textContent = about.namespace;
  byId("namespace").title = about.where;
  timeline.load(about.moments);
  if (first || timeline.present) await refresh();
}

byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const query = byId("query").value.trim();
  if (!query) return;
  showAsked(query, "Looking …", act);
  look(() => ask("/api/search", { q: query, ...timeline.when }), (found) => showFound(query, found, act),
    () => showAsked(query, "There was no answer.", act));
});
byId("all").addEventListener("click", act.all);
byId("audit").addEventListener("click", () => look(() => ask("/api/audit"), (found) => showAudit(found, act)));
whenForgotten(() => {
  looking = all;
  attempt(() => news(true));
});

attempt(() => news(true));
setInterval(() => document.hidden || attempt(() => news()), NEWS_MS);
