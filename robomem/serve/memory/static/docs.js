// The API in words, from its OpenAPI document; nothing is loaded from elsewhere.

import { ask } from "./api.js";
import { byId, el } from "./dom.js";

const document_ = await ask("/docs/openapi.json");

function named(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.anyOf) return schema.anyOf.map(named).filter((name) => name !== "null").join(" or ");
  if (schema.type === "array") return `list of ${named(schema.items) || "values"}`;
  if (schema.enum) return schema.enum.join(" | ");
  return schema.type ?? "any";
}

function operation(method, path, told) {
  const body = told.requestBody?.content?.["application/json"]?.schema;
  const answer = told.responses?.["200"]?.content?.["application/json"]?.schema;
  return el("section", {},
    el("h2", {}, `${method.toUpperCase()} ${path}`),
    el("p", {}, told.description ?? told.summary ?? ""),
    (told.parameters ?? []).length ? el("ul", {}, told.parameters.map((one) =>
      el("li", {}, el("code", {}, one.name), `: ${named(one.schema)}${one.required ? "" : ", optional"}`))) : null,
    body ? el("p", {}, "Body: ", el("code", {}, named(body))) : null,
    answer ? el("p", {}, "Answer: ", el("code", {}, named(answer))) : null);
}

byId("summary").textContent = document_.info.summary;
const operations = Object.entries(document_.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, told]) => operation(method, path, told)));
const shapes = Object.entries(document_.components?.schemas ?? {}).map(([name, schema]) => el("section", {},
  el("h2", {}, name),
  el("p", {}, (schema.description ?? "").split("\n")[0]),
  el("ul", {}, Object.entries(schema.properties ?? {}).map(([field, told]) =>
    el("li", {}, el("code", {}, field), `: ${named(told)}`)))));
byId("operations").append(...operations, ...shapes);
