// The printed catalog is that of proto/catalog.json, and its functions make the events that it names.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { catalog, encodeEvent } from "../dist/index.js";
import { ROOT } from "./support.mjs";

const known = JSON.parse(readFileSync(join(ROOT, "proto", "catalog.json"), "utf8"));

test("what is in the tree is what the generator prints", () => {
  const printed = execFileSync(process.execPath, [join(ROOT, "bindings", "node", "tools", "print_catalog.mjs")]);
  assert.ok(readFileSync(join(ROOT, "bindings", "node", "src", "catalog.ts")).equals(printed));
});

test("every known event can be made and is good", () => {
  const made = new Set();
  for (const make of Object.values(catalog).filter((each) => typeof each === "function")) {
    const given = new Proxy({}, { get: (_, name) => (name === "severity" ? "Warning" : name === "snapshot" ? {} : undefined) });
    const event = make("s", "", given);
    encodeEvent(event);
    made.add(`${event.category} ${event.type} ${event.cause ?? ""}`);
  }
  assert.deepEqual([...made].sort(), known.events.map(({ category, type, cause }) => `${category} ${type} ${cause}`).sort());
});

test("parameters become the snapshot", () => {
  const event = catalog.coreThreshold("sip-1", "slow", { source: "tcp ops", timeUs: 7, extra: "" });
  assert.deepEqual(event.snapshot, { source: "tcp ops", time: 7, extra: "" });
  assert.ok(!("snapshot" in catalog.streamCreated("s", "")));
});
