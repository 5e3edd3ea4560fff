// A process on a host: a member of a stateful mechtron that counts, or somebody who has it count. It is told things by lines of JSON, and answers
// each by one.
import { createInterface } from "node:readline";
import { type Component, defineService, json, outcomeOf } from "@orrery/core";
import { createMeshNode } from "@orrery/mesh";
import { createCage, createStatefulMechtron, type Mechtron, stateFolder } from "@orrery/platform";

/** How it begins; one without a folder is no member. */
export interface Role {
  readonly name: string;
  readonly ip: string;
  readonly seed: string;
  readonly members: readonly string[];
  readonly folder?: string;
}

/** What it can be asked. */
export type Asked =
  /** To have so many open additions at any time, from now on; 0 to stop. */
  | { readonly ask: "count"; readonly openCount: number }
  | { readonly ask: "look" }
  /** To add once, and say how that ended. */
  | { readonly ask: "add"; readonly amount: number }
  /** To begin an addition that takes so long; how it ended is seen later. */
  | { readonly ask: "begin"; readonly amount: number; readonly waitMs: number };

/** What was seen since it was started. */
export interface Look {
  /** Sums that were given, in the order in which they came. */
  readonly sums: readonly number[];
  /** Additions of which nobody knows whether they count. */
  readonly unknown: number;
  /** Additions that certainly do not count. */
  readonly refused: number;
  readonly open: number;
  /** The longest time without a sum, in ms. */
  readonly gapMs: number;
  /** Messages that the mechtron of this member has handled: those of the primary grow. */
  readonly handled: number;
  /** How additions ended that were begun. */
  readonly ends: readonly string[];
}

const Counter = defineService("counter", {
  add: { request: json<{ amount: number; waitMs?: number }>(), reply: json<{ sum: number }>() },
});

const CODE = new TextEncoder().encode(`
  const JSON_TYPE = "application/json";
  export default { abi: 1, async handle(head, body, host) {
    const ask = (service, method, path, value) =>
      host.call(JSON.stringify({ service, method, path, contentType: JSON_TYPE }), value);
    const { amount, waitMs } = JSON.parse(body);
    const found = await ask("orrery.state", "get", "sum", "");
    const sum = Number(found.body || "0") + amount;
    if (amount !== 0) await ask("orrery.state", "set", "sum", String(sum));
    if (waitMs) await ask("orrery.host", "sleep", "", JSON.stringify({ ms: waitMs }));
    return { head: JSON.stringify({ contentType: JSON_TYPE }), body: JSON.stringify({ sum }) };
  } };`);

const role = JSON.parse(process.argv[2] ?? "{}") as Role;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
let mechtron: Mechtron | undefined;
const node = await createMeshNode({
  name: role.name,
  components: role.folder === undefined ? [] : componentsOf(role, role.folder),
  listen: [`tcp://${role.ip}:7000`],
  seeds: [role.seed],
});
await node.start();
say({ started: role.name });

const ends: string[] = [];
const sums: number[] = [];
let unknown = 0;
let refused = 0;
let open = 0;
let wanted = 0;
let gapMs = 0;
let lastMs = 0;

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Asked;
  if (asked.ask === "look") say(look());
  else if (asked.ask === "add") say(await add(asked));
  else if (asked.ask === "begin") {
    void add(asked).then(({ how }) => ends.push(how));
    say({});
  } else {
    wanted = asked.openCount;
    lastMs = performance.now();
    while (open < wanted) void keepCounting();
    say({});
  }
}

function componentsOf({ name, members }: Role, folder: string): readonly Component[] {
  return createStatefulMechtron({
    cage: createCage(),
    name: "counter",
    service: Counter,
    kind: "script",
    code: CODE,
    limits: { wallMs: 20_000, cpuMs: 20_000 },
    persist: "ReplicateToFile",
    files: stateFolder(folder),
    members,
    member: name,
    onMechtron: (one) => {
      mechtron = one;
    },
  });
}

function look(): Look {
  return { sums, unknown, refused, open, gapMs, handled: mechtron?.usage.messages ?? 0, ends };
}

async function keepCounting(): Promise<void> {
  open += 1;
  while (open <= wanted) {
    const said = await add({ amount: 1 });
    if (said.sum !== undefined) {
      sums.push(said.sum);
      gapMs = Math.max(gapMs, performance.now() - lastMs);
      lastMs = performance.now();
    } else if (said.isUnknown) unknown += 1;
    else refused += 1;
  }
  open -= 1;
}

async function add({ amount, waitMs = 0 }: { readonly amount: number; readonly waitMs?: number }) {
  const outcome = await outcomeOf(node.client(Counter).add({ amount, waitMs }, { timeoutMs: 20_000 }));
  if (outcome.kind === "reply") return { sum: outcome.value.sum, isUnknown: false, how: "reply" };
  const { fault } = outcome.error.details;
  const isCertain = outcome.kind === "error" ? fault === "not_kept" || fault === "not_primary" : outcome.definite;
  return { sum: undefined, isUnknown: !isCertain, how: `${fault ?? outcome.error.reason ?? outcome.error.message}` };
}
