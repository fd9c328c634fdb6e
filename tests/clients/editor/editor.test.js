// What VS Code says of schemas: its own JSON language service, set up from .vscode/settings.json.
// Run: make test-clients

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { getLanguageService } from "vscode-json-languageservice";
import { TextDocument } from "vscode-languageserver-textdocument";

const ROOT = new URL("../../../", import.meta.url);
const EVENT = "schemas/events/model_kit_action.schema.json";
const read = (path) => readFile(new URL(path, ROOT), "utf8");

const settings = JSON.parse(await read(".vscode/settings.json"));
const service = getLanguageService({
  schemaRequestService: (uri) => readFile(fileURLToPath(uri), "utf8"),
  workspaceContext: { resolveRelativePath: (path, resource) => new URL(path, resource).href },
});
service.configure({
  validate: true,
  schemas: settings["json.schemas"].map(({ fileMatch, url }) => ({
    fileMatch,
    uri: new URL(url, ROOT).href,
  })),
});

function open(path, text) {
  const document = TextDocument.create(new URL(path, ROOT).href, "json", 1, text);
  return { document, parsed: service.parseJSONDocument(document) };
}

async function problems(path, text) {
  const { document, parsed } = open(path, text);
  return (await service.doValidation(document, parsed)).map((problem) => problem.message);
}

async function completions(path, text) {
  const offset = text.indexOf("|");
  const { document, parsed } = open(path, text.replace("|", ""));
  const list = await service.doComplete(document, document.positionAt(offset), parsed);
  return list.items.map((item) => item.label);
}

test("ModelKit's schemas have no problem", async () => {
  const paths = ["schemas/catalogue.json"];
  for (const folder of ["schemas/events", "schemas/ext", "schemas/reviews"]) {
    paths.push(...(await readdir(new URL(folder, ROOT))).map((name) => `${folder}/${name}`));
  }
  assert.ok(paths.length > 15);
  for (const path of paths) {
    assert.deepEqual(await problems(path, await read(path)), [], path);
  }
});

test("a slip is marked, also in a file that names no dialect", async () => {
  const text = (await read(EVENT))
    .replace(/"\$schema".*\n/, "")
    .replace('"x-level": "optional"', '"x-level": "must"')
    .replace('"x-class"', '"x-clas"');

  assert.deepEqual((await problems(EVENT, text)).sort(), [
    'Missing property "$schema".',
    'Missing property "x-class".',
    "Property x-clas is not allowed.",
    'Value is not accepted. Valid values: "required", "optional".',
  ]);
});

test("a new file completes the keywords of an event", async () => {
  const labels = await completions("schemas/events/new_event.schema.json", "{\n  |\n}");

  assert.ok(["x-purpose", "x-owners", "x-level", "x-expires"].every((word) => labels.includes(word)));
  assert.ok(!labels.includes("oneOf"));
});

test("a field completes keywords, and a keyword its values", async () => {
  const text = await read(EVENT);
  const field = text.replace('"properties": {', '"properties": {\n"new_field": { | },');
  const value = text.replace('"x-level": "optional"', '"x-level": |');

  assert.ok((await completions(EVENT, field)).includes("x-class"));
  assert.deepEqual(await completions(EVENT, value), ['"required"', '"optional"']);
});
