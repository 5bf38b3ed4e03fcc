// Times and facts in words.

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const SHORT = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

export const moment = (seconds) => MOMENT.format(seconds * 1000);
export const short = (seconds) => SHORT.format(seconds * 1000);
export const span = (fact) => `${short(fact.valid_from)} – ${fact.valid_to === null ? "still" : short(fact.valid_to)}`;
export const sentence = (fact) => `${fact.subject_name} ${fact.relation} ${fact.object_name || fact.value}`;

const TRUST = ["low trust: only said", "from a language model", "perceived", "from its owner"];
export const trusted = (trust) => TRUST[trust] ?? "trust unknown";

export function marks(fact) {
  return [fact.disputed && "disputed", fact.trust === 0 && "only said", fact.confidence < 1 &&
    `confidence ${fact.confidence.toFixed(2)}`].filter(Boolean);
}
