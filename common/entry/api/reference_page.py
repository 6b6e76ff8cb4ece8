"""`/docs`: what the surface is, for people, and a way to try it. Nothing of it is fetched from elsewhere."""

import secrets

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

PATH = "/docs"


def lead_there(_: Request) -> RedirectResponse:
    """For whoever gives a browser the bare address."""
    return RedirectResponse(PATH)


def reference_page(_: Request) -> HTMLResponse:
    """The page; what it shows it reads from `/openapi.json`, and the token it is given stays in the browser's tab."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
    return HTMLResponse(_PAGE.replace("{nonce}", nonce), headers=headers)


_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Earshot</title>
<style nonce="{nonce}">
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
body { overflow-wrap: anywhere; }
input, textarea { font: 13px/1.4 monospace; box-sizing: border-box; padding: .25rem; }
textarea, #token, #wanted { width: 100%; }
details { border-top: 1px solid color-mix(in srgb, CanvasText 15%, Canvas); }
summary { cursor: pointer; padding: .3rem 0; }
details > div { padding: 0 0 1rem 1rem; }
code, pre { font: 13px/1.4 monospace; }
pre { background: color-mix(in srgb, CanvasText 5%, Canvas); padding: .5rem; overflow: auto; max-height: 30rem; }
label { display: block; margin: .3rem 0; }
.method { display: inline-block; width: 4.5rem; font-weight: bold; }
.quiet { color: color-mix(in srgb, CanvasText 65%, Canvas); }
</style></head>
<body>
<h1>Earshot</h1>
<p id="about" role="status">Reading /openapi.json …</p>
<label>Token or key, for <code>Authorization: Bearer …</code>; it stays in this tab
<input id="token" type="password" autocomplete="off"></label>
<label>Show only paths and summaries with <input id="wanted" type="search"></label>
<p id="none" role="status" class="quiet"></p>
<div id="groups"></div>
<script nonce="{nonce}">
"use strict";
const at = id => document.getElementById(id);
const made = (name, text, parent, values) => {
  const element = Object.assign(document.createElement(name), values || {});
  if (text !== undefined) element.textContent = text;
  if (parent) parent.append(element);
  return element;
};
let description;
const resolved = schema => {
  const named = schema && schema.$ref;
  return named ? description.components.schemas[named.split("/").pop()] : schema || {};
};
const example = (schema, depth = 0) => {
  const told = resolved(schema);
  if (told.default !== undefined) return told.default;
  if (told.const !== undefined) return told.const;
  if (told.enum) return told.enum[0];
  const choice = (told.anyOf || told.oneOf || told.allOf || [])[0];
  if (choice) return example(choice, depth);
  if (told.type === "array") return depth > 3 ? [] : [example(told.items, depth + 1)];
  if (told.type === "object" || told.properties) {
    const needed = name => depth < 4 && (told.required || []).includes(name);
    const names = Object.entries(told.properties || {}).filter(([name]) => needed(name));
    return Object.fromEntries(names.map(([name, inner]) => [name, example(inner, depth + 1)]));
  }
  if (told.type === "string" && told.format === "date-time") return new Date().toISOString();
  if (told.type === "string" && told.format === "date") return new Date().toISOString().slice(0, 10);
  if (told.type === "string") return told.minLength ? "text" : "";
  return { integer: told.minimum ?? 0, number: told.minimum ?? 0, boolean: false, null: null }[told.type] ?? "";
};
const besides = schema => {
  const told = resolved(schema);
  const choice = told.properties ? told : resolved((told.anyOf || [])[0]);
  const free = Object.entries(choice.properties || {}).filter(([name]) => !(choice.required || []).includes(name));
  return free.map(([name, inner]) => `${name} (${kind(inner)})`).join(", ");
};
const kind = schema => {
  const told = resolved(schema);
  return told.type || (told.anyOf || []).map(kind).join(" or ") || "anything";
};
const send = async (method, path, fields, body, secret, answer) => {
  const address = new URL(path.replace(/{(.+?)}/g, (_, name) => encodeURIComponent(fields[name].value)), location);
  const headers = {};
  const missing = Object.entries(fields).filter(([, field]) => field.required && !field.value).map(([name]) => name);
  if (missing.length) { answer.textContent = `Not sent: ${missing.join(", ")} must not be empty`; return; }
  for (const [name, field] of Object.entries(fields)) {
    if (field.value === "") continue;
    if (field.dataset.in === "query") address.searchParams.append(name, field.value);
    if (field.dataset.in === "header") headers[name] = field.value;
  }
  if (at("token").value) headers[secret || "Authorization"] = `${secret ? "" : "Bearer "}${at("token").value}`;
  if (body) headers["Content-Type"] = "application/json";
  answer.textContent = "…";
  try {
    const said = await fetch(address, { method: method.toUpperCase(), headers, body: body ? body.value : undefined });
    const text = await said.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* no JSON: as it is */ }
    answer.textContent = `${said.status} ${said.statusText}\\n${shown}`;
  } catch (error) { answer.textContent = String(error); }
};
const fill = (inner, method, path, operation) => {
  if (operation.description) made("p", operation.description, inner);
  const fields = {};
  for (const each of operation.parameters || []) {
    const must = each.required ? "" : ", may be left out";
    const about = `${each.name} (${each.in}, ${kind(each.schema)}${must}) ${each.description || ""} `;
    const label = made("label", about, inner);
    fields[each.name] = made("input", undefined, label);
    fields[each.name].dataset.in = each.in;
    fields[each.name].required = Boolean(each.required);
  }
  const taken = (operation.requestBody || { content: {} }).content;
  const json = taken["application/json"];
  let body;
  if (json) {
    const sample = JSON.stringify(example(json.schema), null, 2);
    body = made("textarea", sample, made("label", "body ", inner), { rows: 8 });
    const more = besides(json.schema);
    if (more) made("p", `May have besides: ${more}`, inner, { className: "quiet" });
  }
  const answers = Object.entries(operation.responses).map(([code, said]) => `${code}: ${said.description}`);
  made("p", `Answers: ${answers.join("; ")}`, inner, { className: "quiet" });
  const schemes = (operation.security || []).flatMap(Object.keys);
  const about = name => description.components.securitySchemes[name];
  const secret = schemes.map(name => about(name).in === "header" && about(name).name).find(Boolean);
  const keys = schemes.map(name => `${name} (${about(name).description || `the header ${about(name).name}`})`);
  made("p", keys.length ? `Wants: ${keys.join(" or ")}` : "Anybody may ask.", inner, { className: "quiet" });
  const other = Object.keys(taken).filter(type => type !== "application/json");
  if (other.length && !json) { made("p", `Takes ${other.join(", ")}; send it with another client.`, inner); return; }
  const button = made("button", "Send", inner, { type: "button" });
  const answer = made("pre", "", inner, { role: "status" });
  button.onclick = () => send(method, path, fields, body, secret, answer);
};
const show = wanted => {
  const groups = {};
  for (const [path, methods] of Object.entries(description.paths))
    for (const [method, operation] of Object.entries(methods))
      if (`${path} ${operation.summary}`.toLowerCase().includes(wanted.toLowerCase()))
        (groups[(operation.tags || ["other"])[0]] ||= []).push([method, path, operation]);
  at("groups").replaceChildren();
  at("none").textContent = Object.keys(groups).length ? "" : "There is none.";
  for (const [tag, operations] of Object.entries(groups)) {
    made("h2", tag, at("groups"), { id: `/${tag}` });
    for (const [method, path, operation] of operations) {
      const one = made("details", undefined, at("groups"));
      const line = made("summary", undefined, one);
      made("span", method.toUpperCase(), line, { className: "method" });
      made("code", path, line);
      made("span", ` ${operation.summary || ""}`, line, { className: "quiet" });
      one.ontoggle = () => {
        if (one.children.length < 2) fill(made("div", undefined, one), method, path, operation);
      };
    }
  }
};
at("token").value = sessionStorage.getItem("token") || "";
at("token").oninput = () => sessionStorage.setItem("token", at("token").value);
fetch("/openapi.json").then(said => said.json()).then(told => {
  description = told;
  at("about").textContent = "";
  const words = (told.info.description.trim() + " All of it: `/openapi.json`").split("`");
  words.forEach((text, place) => at("about").append(place % 2 ? made("code", text) : text));
  at("wanted").oninput = () => show(at("wanted").value);
  show("");
  const tag = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (tag) tag.scrollIntoView();
}).catch(error => { at("about").textContent = `/openapi.json cannot be read: ${error}`; });
</script></body></html>
"""
