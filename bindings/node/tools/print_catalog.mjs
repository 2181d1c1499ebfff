// Prints src/catalog.ts from proto/catalog.json: node tools/print_catalog.mjs >src/catalog.ts
//
// A function for every known event, which makes it; where the snapshot is made of plain values these are its parameters.
import { readFileSync } from "node:fs";

const catalog = JSON.parse(readFileSync(new URL("../../../proto/catalog.json", import.meta.url), "utf8"));
const UNITS = { us: "Us", ms: "Ms", bytes: "Bytes", "%": "Percent" };
const TYPES = { str: "string", int: "number | bigint", bool: "boolean", float: "number" };

function words(name) {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .split("_")
    .filter(Boolean);
}

function camel(parts) {
  return parts.map((part, i) => (i ? part[0].toUpperCase() + part.slice(1) : part)).join("");
}

function functionName(event) {
  const category = words(event.category).filter((word) => word !== "event");
  let rest = words(event.type);
  if (rest[0] === "e") rest = rest.slice(1);
  if (category.every((word, i) => word === rest[i])) rest = rest.slice(category.length);
  return camel([...category, ...rest, ...words(event.cause)]);
}

function parameterName(parameter) {
  const name = camel(words(parameter.name));
  const unit = UNITS[parameter.unit];
  return unit && !name.toLowerCase().endsWith(unit.toLowerCase()) ? name + unit : name;
}

function takesParameters(event) {
  return event.snapshot === "always" && event.params.length > 0 && event.params.every(({ type }) => type in TYPES);
}

function wrap(text, indent, width = 116) {
  const lines = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && line.length + word.length + 1 > width - indent.length) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line].map((each, i) => (i ? indent : "") + each).join("\n");
}

function comment(event) {
  const cause = event.cause && ` with cause ${event.cause}`;
  const rule = event.levelRule && ` (${event.levelRule})`;
  let text = wrap(`${event.type}${cause} at level ${event.level}${rule}: ${event.meaning}.`, " * ");
  if (event.params.length > 0 && !takesParameters(event)) {
    text += "\n *\n * The snapshot's members:";
    for (const { name, type, required, meaning } of event.params)
      text += `\n * - ${wrap(`${name} (${type}${required ? "" : ", optional"}): ${meaning}`, " *   ")}`;
  }
  return `/** ${text}${text.includes("\n") ? "\n" : ""} */`;
}

function print(event) {
  const given = [];
  const doc = (text) => `  /** ${wrap(text, "   * ")}${text.length > 110 ? "\n  " : ""} */`;
  if (event.levelRule) given.push("  severity: Level;");
  if (takesParameters(event)) {
    for (const parameter of event.params)
      given.push(doc(parameter.meaning), `  ${parameterName(parameter)}${parameter.required ? "" : "?"}: ${TYPES[parameter.type]};`);
  } else if (event.snapshot !== "none") given.push(`  snapshot${event.snapshot === "always" ? "" : "?"}: Value;`);
  given.push("  /** When it happened, RFC 3339; without it the broker adds when it came. */", "  eventTime?: string | Date;");
  const isNeeded = given.some((line) => /^ {2}\w+:/.test(line));
  const name = functionName(event);
  const values = [`level: ${event.levelRule ? "given.severity" : `"${event.level}"`}`, `category: "${event.category}"`, `type: "${event.type}"`];
  if (event.cause) values.push(`cause: "${event.cause}"`);
  values.push("sourceId", "summary", "time: given.eventTime");
  const lines = [comment(event), `export function ${name}(`, "  sourceId: string,", "  summary: string,", "  given: {"];
  lines.push(...given.map((line) => line.split("\n").map((each) => `  ${each}`).join("\n")), `  }${isNeeded ? "" : " = {}"},`, "): Event {");
  lines.push("  return {", `    ${values.slice(0, 3).join(", ")},`, `    ${values.slice(3).join(", ")},`);
  if (takesParameters(event)) {
    lines.push("    snapshot: {");
    for (const parameter of event.params) lines.push(`      ${parameter.name}: given.${parameterName(parameter)},`);
    lines.push("    },");
  } else if (event.snapshot !== "none") lines.push("    snapshot: given.snapshot,");
  lines.push("  };", "}");
  return lines.join("\n");
}

console.log(`/** A function for every known event, and the known categories. Printed from proto/catalog.json by
 * tools/print_catalog.mjs; do not edit.
 *
 *     await publisher.publish(catalog.coreTcpDisconnect("sip-1", "Connection from 192.0.2.7 ended", {
 *       srcIp: "192.0.2.7", srcPort: 40312, dstIp: "192.0.2.1", dstPort: 5060, proto: "tcp",
 *     }));
 *
 * Where the level depends \`severity\` is asked for. */
import type { Event } from "./event.js";
import type { Level } from "./rules.js";
import type { Value } from "./value.js";

/** The known categories, with what their sourceId is. */
export const CATEGORIES = {`);
for (const { category, world, meaning, sourceId } of catalog.categories)
  console.log(`  ${category}: { world: ${JSON.stringify(world)}, sourceId: ${JSON.stringify(sourceId)}, meaning: ${JSON.stringify(meaning)} },`);
console.log("} as const;");
for (const event of catalog.events) console.log(`\n${print(event)}`);
