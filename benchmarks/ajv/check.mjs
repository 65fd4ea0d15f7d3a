// Reads schemas.json and bodies.ndjson, checks every event with ajv's standalone code, and prints one JSON line.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import addFormats from "ajv-formats";

const require = createRequire(import.meta.url);
const schemas = JSON.parse(readFileSync("schemas.json", "utf8"));
const bodies = readFileSync("bodies.ndjson", "utf8").split("\n");

const names = Object.keys(schemas);
const ajv = new Ajv.default({ strict: false, code: { source: true } });
addFormats.default(ajv);
names.forEach((name, number) => ajv.addSchema({ ...schemas[name], $id: `schema${number}` }));
const exported = Object.fromEntries(names.map((name, number) => [`check${number}`, `schema${number}`]));
writeFileSync("checks.cjs", standalone.default(ajv, exported));
const checks = require("./checks.cjs");
const byName = new Map(names.map((name, number) => [name, checks[`check${number}`]]));

function run() {
  let events = 0;
  let refused = 0;
  for (const body of bodies) {
    for (const sent of JSON.parse(body).batch) {
      events += 1;
      if (!byName.get(sent.event)(sent.properties)) refused += 1;
    }
  }
  return { events, refused };
}

let seconds = Infinity;
let counted;
for (let round = 0; round < Number(process.argv[2] ?? 3); round += 1) {
  const started = process.hrtime.bigint();
  counted = run();
  seconds = Math.min(seconds, Number(process.hrtime.bigint() - started) / 1e9);
}
const versions = { node: process.version, ajv: require("ajv/package.json").version };
console.log(JSON.stringify({ ...counted, seconds, ...versions }));
