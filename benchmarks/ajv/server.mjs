// A collector that stores nothing: parses each body, checks every event with ajv to yes or no, and answers 200.
// Prints its port, and with SIGTERM what it has counted.

import http from "node:http";
import { compiledChecks, versions } from "./compile.mjs";

const checks = compiledChecks();
const counted = { events: 0, refused: 0 };
const answer = Buffer.from('{"success":true}');
const headers = { "content-type": "application/json", "content-length": answer.length };

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    for (const sent of JSON.parse(Buffer.concat(parts).toString("utf8")).batch) {
      counted.events += 1;
      if (!checks.get(sent.event)(sent.properties)) counted.refused += 1;
    }
    response.writeHead(200, headers);
    response.end(answer);
  });
});
process.on("SIGTERM", () => {
  console.log(JSON.stringify({ ...counted, ...versions }));
  process.exit(0);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
