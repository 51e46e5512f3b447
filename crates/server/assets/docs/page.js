// Builds the page of routes out of /openapi.json, with a form to try each of them.
//
// Every text is put in as text and never as markup. Nothing is asked of any other server.
"use strict";

/** An element with attributes and children; a child that is no node becomes text. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return element;
}

/** A sentence of the description: `code` in backticks, and problem codes as links to what to do about them. */
function prose(text, problems) {
  return String(text || "").split("`").map((piece, place) => {
    if (place % 2 === 0) return piece;
    const code = make("code", null, piece);
    return problems && problems.has(piece) ? make("a", { href: "/docs/errors#" + piece }, code) : code;
  });
}

function paragraphs(text, problems) {
  return String(text || "").split(/\n\s*\n/).filter((part) => part.trim())
    .map((part) => make("p", null, prose(part.replace(/\s*\n\s*/g, " "), problems)));
}

class Description {
  constructor(json) {
    this.json = json;
    this.problems = new Set(Object.keys((json.components || {}).examples || {}));
  }

  resolve(value) {
    for (let depth = 0; value && value.$ref && depth < 8; depth += 1) {
      value = value.$ref.slice(2).split("/").reduce((at, part) => at && at[decodeURIComponent(part)], this.json);
    }
    return value || {};
  }

  /** A value that fits a schema: its examples where it has them. */
  example(schema, depth = 0) {
    schema = this.resolve(schema);
    if (schema.example !== undefined) return schema.example;
    if (Array.isArray(schema.examples) && schema.examples.length) return schema.examples[0];
    if (schema.default !== undefined) return schema.default;
    if (schema.enum) return schema.enum[0];
    const choices = schema.oneOf || schema.anyOf || schema.allOf;
    if (choices) return this.example(choices.find((one) => one.type !== "null") || choices[0], depth + 1);
    const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
    if (depth > 6) return null;
    if (type === "object" || schema.properties) {
      const members = Object.entries(schema.properties || {});
      const required = new Set(schema.required || []);
      const told = members.filter(([name, member]) => required.has(name) || this.resolve(member).example !== undefined);
      return Object.fromEntries(told.map(([name, member]) => [name, this.example(member, depth + 1)]));
    }
    if (type === "array") return [this.example(schema.items || {}, depth + 1)];
    if (type === "boolean") return false;
    if (type === "integer" || type === "number") return schema.minimum || 0;
    return type === "string" ? "" : null;
  }

  /** The groups in the document's order, each with its operations. */
  groups() {
    const groups = new Map((this.json.tags || []).map((tag) => [tag.name, { tag, operations: [] }]));
    for (const [path, item] of Object.entries(this.json.paths || {})) {
      for (const method of ["get", "post", "put", "delete", "patch"]) {
        const operation = item[method];
        if (!operation) continue;
        const name = (operation.tags || ["other"])[0];
        if (!groups.has(name)) groups.set(name, { tag: { name }, operations: [] });
        groups.get(name).operations.push({ path, method, operation });
      }
    }
    return [...groups.values()].filter((group) => group.operations.length);
  }
}

/** What a form sends: the address, the options of `fetch`, and the same as a command line. */
function request(description, path, method, parameters, form) {
  const value = (parameter) => form.elements[parameter.in + ":" + parameter.name].value;
  let address = path;
  const query = new URLSearchParams();
  const headers = {};
  for (const parameter of parameters) {
    const given = value(parameter);
    if (parameter.in === "path") address = address.replace("{" + parameter.name + "}", encodeURIComponent(given));
    else if (given !== "" && parameter.in === "query") query.set(parameter.name, given);
    else if (given !== "" && parameter.in === "header") headers[parameter.name] = given;
  }
  if ([...query].length) address += "?" + query;
  const options = { method: method.toUpperCase(), headers, cache: "no-store", credentials: "same-origin" };
  const accept = form.elements.accept;
  if (accept && accept.value) headers.Accept = accept.value;
  const quoted = (text) => "'" + String(text).replace(/'/g, "'\\''") + "'";
  const shell = ["curl -X " + options.method + " " + quoted(location.origin + address)];
  const type = form.elements.type;
  if (type && form.elements.body.value.trim() !== "") {
    const text = form.elements.body.value;
    if (type.value === "multipart/form-data") {
      options.body = new FormData();
      for (const [name, one] of fields(JSON.parse(text))) {
        options.body.append(name, one);
        shell.push("-F " + quoted(name + "=" + one));
      }
    } else {
      const isForm = type.value === "application/x-www-form-urlencoded";
      options.body = isForm ? new URLSearchParams(fields(JSON.parse(text))).toString() : text;
      headers["Content-Type"] = type.value;
      shell.push("-d " + quoted(options.body));
    }
  }
  for (const [name, given] of Object.entries(headers)) shell.splice(1, 0, "-H " + quoted(name + ": " + given));
  return { address, options, shell: shell.join(" \\\n  ") };
}

/** The pairs of a form: a list becomes `name[]`, once for each item. */
function fields(members) {
  return Object.entries(members).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((item) => [name + "[]", String(item)]) : [[name, String(value)]]);
}

function pretty(text, type) {
  if (!/json/.test(type) || /ndjson/.test(type)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function input(parameter, description) {
  const schema = description.resolve(parameter.schema);
  const example = parameter.example !== undefined ? parameter.example : schema.example;
  const name = parameter.in + ":" + parameter.name;
  // Optional ones start empty, so that a first try is the plain question.
  const isFirst = parameter.required || parameter.in === "path";
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  const field = type === "boolean"
    ? make("select", { name }, ["", "true", "false"].map((word) => make("option", { value: word }, word)))
    : make("input", { class: "value", name, value: isFirst && example !== undefined ? example : "", placeholder: example, autocomplete: "off", spellcheck: "false" });
  return make("label", null,
    make("span", { class: "name" }, parameter.name),
    isFirst ? make("span", { class: "must", title: "required" }, " *") : undefined,
    make("span", { class: "about" }, " " + parameter.in + (parameter.description ? " · " : ""), prose(parameter.description)),
    field);
}

function bodyFields(operation, description) {
  const body = description.resolve(operation.requestBody);
  const types = Object.keys(body.content || {});
  if (!types.length) return [];
  const content = body.content[types[0]];
  const examples = Object.values(content.examples || {}).map((one) => description.resolve(one).value);
  const example = content.example !== undefined ? content.example
    : examples.length ? examples[0] : description.example(content.schema);
  const text = example === null || example === undefined ? "" : JSON.stringify(example, null, 2);
  const rows = Math.min(16, Math.max(4, text.split("\n").length + 1));
  return [
    make("label", null, make("span", { class: "name" }, "Content-Type"),
      make("select", { name: "type" }, types.map((type) => make("option", null, type)))),
    make("label", null, make("span", { class: "name" }, "body"),
      make("span", { class: "about" }, types.length > 1 ? " · as JSON; sent in the chosen type" : ""),
      make("textarea", { name: "body", rows, spellcheck: "false" }, text)),
  ];
}

function tryIt(entry, parameters, description) {
  const { path, method, operation } = entry;
  const result = make("div", { class: "result wide", "aria-live": "polite" });
  const success = description.resolve((operation.responses || {})["200"]);
  const media = Object.keys(success.content || {});
  const send = make("button", { class: "send", type: "submit" }, "Send");
  const form = make("form", null,
    make("h4", null, "Try it"),
    parameters.map((parameter) => input(parameter, description)),
    bodyFields(operation, description),
    media.length > 1
      ? make("label", null, make("span", { class: "name" }, "Accept"),
        make("select", { name: "accept" }, media.map((type) => make("option", null, type))))
      : undefined,
    make("div", { class: "actions" }, send,
      make("button", { type: "button", onclick: () => show(result, null) }, "Clear")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    const started = performance.now();
    try {
      const made = request(description, path, method, parameters, form);
      const response = await fetch(made.address, made.options);
      const text = await response.text();
      show(result, { made, response, text, took: performance.now() - started });
    } catch (error) {
      result.replaceChildren(make("p", { class: "s5" }, "Not sent: " + error.message));
    } finally {
      send.disabled = false;
    }
  });
  return [form, result];
}

function show(result, answer) {
  if (!answer) {
    result.replaceChildren();
    return;
  }
  const { made, response, text, took } = answer;
  const type = response.headers.get("content-type") || "";
  const headers = [...response.headers].map(([name, value]) => name + ": " + value).join("\n");
  result.replaceChildren(
    make("h4", null, "Answer"),
    make("div", { class: "line" },
      make("span", { class: "status s" + String(response.status)[0] }, response.status + " " + response.statusText),
      make("span", { class: "about" }, took.toFixed(0) + " ms · " + new Blob([text]).size + " bytes")),
    make("pre", { class: "answer" }, pretty(text, type) || "(no body)"),
    make("h4", null, "Headers"), make("pre", null, headers),
    make("h4", null, "As a command"), make("pre", null, made.shell));
}

function responses(operation, description) {
  const rows = Object.entries(operation.responses || {}).map(([status, response]) => make("li", null,
    make("span", { class: "status s" + status[0] }, status),
    make("span", null, prose(description.resolve(response).description, description.problems))));
  return make("div", null, make("h4", null, "Answers"), make("ul", { class: "responses" }, rows));
}

function route(entry, description) {
  const { path, method, operation } = entry;
  const summary = operation.summary || "";
  const details = make("details", { class: "route", id: operation.operationId },
    make("summary", null,
      make("span", { class: "method " + method }, method.toUpperCase()),
      make("span", { class: "path" }, path),
      make("span", { class: "summary" }, summary)));
  details.dataset.words = (method + " " + path + " " + summary + " " + (operation.tags || []).join(" ")).toLowerCase();
  // Forms are built when they are first looked at: there are many and most stay closed.
  details.addEventListener("toggle", () => {
    if (!details.open || details.children.length > 1) return;
    const parameters = (operation.parameters || []).map((parameter) => description.resolve(parameter));
    const [form, result] = tryIt(entry, parameters, description);
    details.append(make("div", { class: "inside" },
      make("div", { class: "wide" }, paragraphs(operation.description, description.problems)),
      form, responses(operation, description), result));
  });
  return details;
}

function open(id) {
  const details = id && document.getElementById(id);
  if (!details || details.tagName !== "DETAILS") return;
  details.open = true;
  details.scrollIntoView();
}

async function start() {
  const response = await fetch("/openapi.json");
  if (!response.ok) throw new Error("/openapi.json answered " + response.status);
  const description = new Description(await response.json());
  document.getElementById("version").textContent = description.json.info.version;
  document.getElementById("about").replaceChildren(...paragraphs(description.json.info.description, description.problems));
  const routes = document.getElementById("routes");
  const index = document.getElementById("index");
  routes.replaceChildren();
  for (const { tag, operations } of description.groups()) {
    routes.append(make("section", null,
      make("h2", null, tag.name), make("p", { class: "about" }, prose(tag.description, description.problems)),
      operations.map((entry) => route(entry, description))));
    index.append(make("section", null, make("h2", null, tag.name), operations.map(({ path, method, operation }) =>
      make("a", { href: "#" + operation.operationId, onclick: () => setTimeout(() => open(operation.operationId)) },
        make("span", { class: "method " + method }, method.toUpperCase()), make("span", { class: "path" }, path)))));
  }
  document.getElementById("filter").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (details) => words.every((word) => details.dataset.words.includes(word));
    for (const details of routes.querySelectorAll("details")) {
      details.hidden = !fits(details);
      const link = index.querySelector('a[href="#' + details.id + '"]');
      if (link) link.hidden = details.hidden;
    }
    for (const section of document.querySelectorAll("#routes section, #index section")) {
      section.hidden = ![...section.querySelectorAll(":scope > details, :scope > a")].some((one) => !one.hidden);
    }
  });
  window.addEventListener("hashchange", () => open(location.hash.slice(1)));
  open(location.hash.slice(1));
}

start().catch((error) => {
  document.getElementById("routes").replaceChildren(make("p", { class: "s5" }, "The description cannot be read: " + error.message));
});
