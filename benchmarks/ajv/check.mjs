// Reads schemas.json and bodies.ndjson, checks every event with ajv, once to yes or no and once to every error, and
// prints a JSON line for each.

import { readFileSync } from "node:fs";
import { compiledChecks, versions } from "./compile.mjs";

const bodies = readFileSync("bodies.ndjson", "utf8").split("\n");
const ways = [
  { way: "yes or no", checks: compiledChecks(), seconds: Infinity },
  { way: "allErrors", checks: compiledChecks({ allErrors: true }), seconds: Infinity },
];

function run(checks) {
  let events = 0;
  let refused = 0;
  let errors = 0;
  for (const body of bodies) {
    for (const sent of JSON.parse(body).batch) {
      events += 1;
      const check = checks.get(sent.event);
      if (!check(sent.properties)) {
        refused += 1;
        errors += check.errors.length;
      }
    }
  }
  return { events, refused, errors };
}

for (let round = 0; round < Number(process.argv[2] ?? 3); round += 1) {
  for (const one of ways) {
    const started = process.hrtime.bigint();
    one.counted = run(one.checks);
    one.seconds = Math.min(one.seconds, Number(process.hrtime.bigint() - started) / 1e9);
  }
}
for (const { way, seconds, counted } of ways) console.log(JSON.stringify({ way, seconds, ...counted, ...versions }));
