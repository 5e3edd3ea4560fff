// ask-again.ts ADDRESS: for each line on stdin, calls the stations there and prints how it ended and how long it took.
import { createInterface } from "node:readline";
import { createTableDirectory, outcomeOf } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { Stations } from "../contracts.ts";

const directory = createTableDirectory({ stations: [process.argv[2] ?? ""] });
const client = await createMeshClient({ directory });
for await (const timeout of createInterface(process.stdin)) {
  const began = performance.now();
  const outcome = await outcomeOf(client.client(Stations).nearest({ place: "London" }, { timeoutMs: Number(timeout) }));
  const { kind, definite } = outcome;
  const what = outcome.kind === "reply" ? outcome.value.station : `${outcome.error.code} ${outcome.error.reason}`;
  console.log(JSON.stringify({ kind, definite, what, tookMs: Math.round(performance.now() - began) }));
}
await client.stop();
