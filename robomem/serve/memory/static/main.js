// The page: a time, a scene of that time, and what is looked at.

import { ask } from "./api.js";
import { byId } from "./dom.js";
import { askToForget, whenForgotten } from "./forget.js";
import { showAudit, showEntity, showFound, showThings, showWhy } from "./panel.js";
import { Plan } from "./plan.js";
import { Timeline } from "./timeline.js";

const NEWS_MS = 5000;
let scene = { entities: [], facts: [] };
let looking = () => all();
let request = 0;

const plan = new Plan((id) => look(() => open(id)));
const timeline = new Timeline(() => refresh());
const act = {
  all: () => look(all),
  open: (id) => look(() => open(id)),
  why: (id) => look(() => why(id)),
  forget: askToForget,
};

async function attempt(work) {
  try {
    await work();
    byId("message").hidden = true;
  } catch (error) {
    byId("message").textContent = error.message;
    byId("message").hidden = false;
  }
}

function look(at) {
  looking = at;
  return attempt(at);
}

function all() {
  plan.choose(null);
  showThings(scene, act.open);
}

async function open(id) {
  const portrait = await ask(`/api/entities/${id}`, timeline.when);
  plan.choose(id);
  showEntity(portrait, act);
}

async function why(id) {
  const explained = await ask(`/api/facts/${id}`);
  plan.choose(explained.fact.subject);
  showWhy(explained, act);
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
  if (query) look(async () => showFound(query, await ask("/api/search", { q: query, ...timeline.when }), act));
});
byId("all").addEventListener("click", act.all);
byId("audit").addEventListener("click", () => look(async () => showAudit(await ask("/api/audit"), act)));
whenForgotten(() => {
  looking = all;
  attempt(() => news(true));
});

attempt(() => news(true));
setInterval(() => document.hidden || attempt(() => news()), NEWS_MS);
