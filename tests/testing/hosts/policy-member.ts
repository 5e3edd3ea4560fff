// A process on a host that keeps to policies: a caller with breakers, a place that sizes itself, or one that lends instances to it. It is told
// things by lines of JSON, and answers each by one.
import { createInterface } from "node:readline";
import { defineComponent, defineService, json, outcomeOf, type SendOptions } from "@orrery/core";
import { type CircuitView, createGossipDirectory, createLimits, createMeshNode } from "@orrery/mesh";
import { createLender, sizeNode } from "@orrery/mesh/elastic";

/** How it begins. */
export interface Role {
  readonly role: "caller" | "server" | "sized" | "lender";
  readonly name: string;
  readonly ip: string;
  readonly seed: string;
}

/** What it can be asked. */
export type Asked =
  | { readonly ask: "calls"; readonly count: number; readonly options: SendOptions }
  | { readonly ask: "look" }
  | { readonly ask: "load"; readonly openCount: number };

/** How many calls ended how: who answered, or kind and reason. */
export type Ends = Readonly<Record<string, number>>;

/** How it stands. */
export interface Look {
  /** Breakers by the place that they are for. */
  readonly circuits: Readonly<Record<string, Pick<CircuitView, "state" | "opened">>>;
  /** Instances of the shop that run within it. */
  readonly instances: number;
  /** How the calls of the load have ended since it was looked at last. */
  readonly ends: Ends;
  /** Calls of the load that have not ended. */
  readonly open: number;
}

const Shop = defineService("shop", { work: { request: json<{ ms: number }>(), reply: json<{ by: string }>() } });
/** How long a call of the load takes of an instance, in ms. */
const WORK_MS = 40;

const { role, name, ip, seed } = JSON.parse(process.argv[2] ?? "{}") as Role;
const directory = createGossipDirectory({ seeds: [seed] });
const limits = createLimits({
  // A breaker of one place may open although there are but two.
  breakers: [{ failuresInRow: 3, coolDownMs: 1_500, coolDownMaxMs: 1_500, jitter: 0, openShare: 0.5 }],
});
const shop = defineComponent(Shop, () => ({
  async work({ ms }, { clock }) {
    await clock.sleep(ms);
    return { by: name };
  },
}));
const lender = createLender({ node: name, components: ["shop"], instancesMax: 2, lendsTo: ["shops"] });
const node = await createMeshNode({
  name,
  agent: "shops",
  components: role === "caller" ? [] : role === "lender" ? [shop, lender.component] : [shop],
  ...(role === "lender" && { capacity: { shop: { instances: 0 } } }),
  listen: [`tcp://${ip}:7000`],
  directory,
  limits,
});
await node.start();
if (role === "lender") lender.attach(node);
if (role === "sized") {
  const rules = { min: 1, max: 3, waitMs: 100, idleMs: 1_000, coolDownMs: 200 };
  sizeNode(node, { components: { shop: rules }, instancesMax: 1, directory, leaseMs: 2_000 });
}

let ends: Record<string, number> = {};
/** Calls of the load that are to be open at once, and that are. */
let wanted = 0;
let open = 0;

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ started: name });
for await (const line of createInterface({ input: process.stdin })) say(await answer(JSON.parse(line) as Asked));

async function answer(asked: Asked): Promise<object> {
  switch (asked.ask) {
    case "calls":
      return calls(asked.count, asked.options);
    case "load":
      wanted = asked.openCount;
      while (open < wanted) void keepCalling();
      return {};
    case "look":
      return look();
  }
}

/** One call after the other, as long as so many are wanted. */
async function keepCalling(): Promise<void> {
  open++;
  while (open <= wanted) {
    const how = await end(WORK_MS, { timeoutMs: 20_000 });
    note(ends, how); // Read now: while the call was open, a look may have taken the ends before it.
  }
  open--;
}

async function calls(count: number, options: SendOptions): Promise<Ends> {
  const ended: Record<string, number> = {};
  for (let index = 0; index < count; index++) note(ended, await end(0, options));
  return ended;
}

async function end(ms: number, options: SendOptions): Promise<string> {
  const outcome = await outcomeOf(node.client(Shop).work({ ms }, options));
  return outcome.kind === "reply" ? outcome.value.by : `${outcome.kind} ${outcome.error.reason}`;
}

function note(counts: Record<string, number>, how: string): void {
  counts[how] = (counts[how] ?? 0) + 1;
}

function look(): Look {
  const views = limits.circuits().map(({ place, state, opened }) => [place, { state, opened }] as const);
  const seen = ends;
  ends = {};
  const shops = node.components().find((one) => one.name === "shop");
  return { circuits: Object.fromEntries(views), instances: shops?.instances.length ?? 0, ends: seen, open };
}
