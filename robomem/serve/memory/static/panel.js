// What stands beside the map: all things, one thing, why a fact is believed, what a search found, the audit.

import { byId, el } from "./dom.js";
import { marks, moment, sentence, short, span, trusted } from "./format.js";
import { PLACES } from "./layout.js";

const panel = byId("panel");
const ORDER = ["room", "place", "object", "agent"];

function show(...children) {
  panel.replaceChildren(...children.flat().filter(Boolean));
  panel.scrollTop = 0;
}

const note = (text) => el("p", { class: "note" }, text);
const badges = (fact) => marks(fact).map((mark) => el("span", { class: "badge" }, mark));
const back = (go) => el("button", { type: "button", class: "back", onclick: go }, "‹ All things");

export function showThings(scene, open) {
  const where = new Map(scene.facts.filter((fact) => PLACES.includes(fact.relation) && !fact.disputed)
    .map((fact) => [fact.subject, `${fact.relation} ${fact.object_name || fact.value}`]));
  const titles = { room: "Rooms", place: "Furniture", object: "Things", agent: "People and robots" };
  const kinds = [...new Set([...ORDER, ...scene.entities.map((one) => one.kind)])];
  const more = scene.left_out &&
    note(`${scene.left_out} more were known. Those seen last are shown; the search finds all.`);
  show(more, kinds.map((kind) => {
    const ones = scene.entities.filter((one) => one.kind === kind).sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    return ones.length && [
      el("h2", {}, titles[kind] ?? kind, el("span", { class: "count" }, String(ones.length))),
      el("ul", { class: "things" }, ones.map((one) => el("li", {}, el("button", { type: "button", onclick: () => open(one.id) },
        el("bdi", {}, one.name), el("small", {}, where.get(one.id) ?? ""))))),
    ];
  }).flat(),
  scene.entities.length ? null : note("Nothing was known then."));
}

function factList(facts, act, past = false) {
  return el("ul", { class: "facts" }, facts.map((fact) => el("li", { class: past && fact.valid_to !== null ? "ended" : "" },
    el("button", { type: "button", class: "fact", "data-fact": fact.id, title: "Why?", onclick: () => act.why(fact.id) },
      el("bdi", {}, sentence(fact)), badges(fact), el("small", {}, span(fact))))));
}

export function showEntity({ entity, facts, history }, act) {
  const place = entity.pose ? entity.pose.position.map((part) => part.toFixed(2)).join(", ") : "unknown";
  show(
    back(act.all),
    el("h2", { class: "title" }, el("bdi", {}, entity.name)),
    el("dl", {},
      el("dt", {}, "Kind"), el("dd", {}, entity.category && entity.category !== entity.name
        ? `${entity.kind}, ${entity.category}` : entity.kind),
      entity.aliases.length ? [el("dt", {}, "Also called"), el("dd", {}, entity.aliases.join(", "))] : [],
      el("dt", {}, "Latest position"), el("dd", {}, entity.pose ? `${place} m in ${entity.pose.frame}` : place),
      el("dt", {}, "First seen"), el("dd", {}, moment(entity.first_seen)),
      el("dt", {}, "Last seen"), el("dd", {}, moment(entity.last_seen))),
    el("h3", {}, "At the time shown"), facts.length ? factList(facts, act) : note("Nothing is known of it at that time."),
    el("h3", {}, "History"), history.length ? factList(history, act, true) : note("There is none."),
    el("div", { class: "buttons" },
      el("button", { type: "button", class: "danger", onclick: () => act.forget("entity", entity.id, entity.name) },
        "Forget it …")));
}

function citation(one, act) {
  const seen = one.observation;
  const by = [one.writer, one.model && `with ${one.model}`].filter(Boolean).join(" ");
  const picture = seen?.media && el("img", { src: `/api/pictures/${one.observation_id}`, alt: "What was seen then",
    onerror: (event) => event.target.replaceWith(note("Its picture is not shown: see --media.")) });
  return el("li", { class: "citation" },
    el("p", {}, seen?.summary ? el("q", {}, seen.summary) : "Written without an observation."),
    picture,
    el("small", {}, `${by}, ${moment(one.time)}; written down ${short(one.recorded_at)}` +
      (seen ? `; ${trusted(seen.source.trust)}` : "")),
    seen && el("button", { type: "button", class: "quiet",
      onclick: () => act.forget("observation", one.observation_id, seen.summary || "this observation") },
    "Forget this observation …"));
}

export function showWhy({ fact, citations, ended_by: ender, rivals }, act) {
  show(
    el("button", { type: "button", class: "back", onclick: () => act.open(fact.subject) }, "‹ ", el("bdi", {}, fact.subject_name)),
    el("h2", { class: "title" }, el("bdi", {}, sentence(fact))),
    el("p", { class: "badges" }, badges(fact), el("span", { class: "badge" }, trusted(fact.trust))),
    el("dl", {},
      el("dt", {}, "So in the world"), el("dd", {}, span(fact)),
      el("dt", {}, "Known since"), el("dd", {}, moment(fact.recorded_at)),
      fact.retired_at !== null && [el("dt", {}, "End known since"), el("dd", {}, moment(fact.retired_at))],
      fact.reason && [el("dt", {}, "Ended because"), el("dd", {}, fact.reason)]),
    el("h3", {}, "It rests on"), el("ul", { class: "citations" }, citations.map((one) => citation(one, act))),
    ender && [el("h3", {}, "It was ended by"), el("p", {}, el("q", {}, ender.summary || "an observation"), ` ${moment(ender.time)}`)],
    rivals.length ? [el("h3", {}, "Before, after and beside it"), factList(rivals, act, true)] : null);
}

export function showAsked(query, said, act) {
  show(back(act.all), el("h2", { class: "title" }, el("q", {}, query)), note(said));
}

export function showFound(query, { facts, items, lately, missing }, act) {
  const late = Object.entries(missing).map(([name, why]) => note(`The ${name} memory did not answer: ${why}`));
  show(
    back(act.all),
    el("h2", { class: "title" }, el("q", {}, query)),
    late,
    el("h3", {}, "Things and places"), facts.length ? factList(facts, act) : note("Nothing bears on it."),
    items.length ? [el("h3", {}, "Attempts and experience"), el("ul", { class: "items" }, items.map((item) => el("li", {},
      el("p", {}, el("bdi", {}, item.text)),
      el("small", {}, [item.kind, item.outcome, trusted(item.trust)].filter(Boolean).join(", ")),
      el("button", { type: "button", class: "quiet", onclick: () => act.forget("item", item.id, item.text) }, "Forget …"))))] : null,
    lately.length ? [el("h3", {}, "Lately"), el("ul", { class: "items" }, lately.map((text) => el("li", {}, el("bdi", {}, text))))] : null);
}

export function showAudit(entries, act) {
  show(
    back(act.all),
    el("h2", { class: "title" }, "Audit"),
    note("What was done to the memory itself. Of what was erased, only how much."),
    entries.length ? el("ul", { class: "audit" }, entries.map((entry) => el("li", {},
      el("p", {}, `${entry.what}: `, el("bdi", {}, entry.reason || "no reason given")),
      el("small", {}, `${entry.who}, ${moment(entry.at)}; ` +
        Object.entries(entry.details).filter(([, value]) => value !== 0).map(([name, value]) =>
          `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", "))))) : note("Nothing was done to it."));
}
