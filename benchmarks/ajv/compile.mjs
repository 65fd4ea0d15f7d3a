// Compiles the schemas of schemas.json with ajv's standalone code; returns the check of each event by its name.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import addFormats from "ajv-formats";

const require = createRequire(import.meta.url);

export const versions = { node: process.version, ajv: require("ajv/package.json").version };

export function compiledChecks(options = {}) {
  const schemas = JSON.parse(readFileSync("schemas.json", "utf8"));
  const names = Object.keys(schemas);
  const ajv = new Ajv.default({ strict: false, code: { source: true }, ...options });
  addFormats.default(ajv);
  names.forEach((name, number) => ajv.addSchema({ ...schemas[name], $id: `schema${number}` }));
  const exported = Object.fromEntries(names.map((name, number) => [`check${number}`, `schema${number}`]));
  const file = options.allErrors ? "./all-errors.cjs" : "./checks.cjs";
  writeFileSync(file, standalone.default(ajv, exported));
  const checks = require(file);
  return new Map(names.map((name, number) => [name, checks[`check${number}`]]));
}
