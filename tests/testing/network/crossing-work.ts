import { type Client, isOrreryError, type Outcome, outcomeOf, type SendOptions } from "@orrery/core";
import type { Draw, ModelNode, World } from "@orrery/sim";
import { type CrossedBegun, Front, Ledger, Vault } from "./crossing-services.ts";
import type { NetworkName } from "./crossing-trust.ts";
import { type Operation, readAll } from "./operation.ts";

/** Operations of each caller. */
export const OPERATIONS = 10;
/** Longest time that an operation asks for, in ms. */
export const TIMEOUT_MS = 1_500;
/** When callers begin, in ms: their networks have met, if all is well. */
const BEGIN_MS = 1_000;

/** An operation that may lead into another network. */
export interface CrossingOperation extends Operation {
  readonly network: NetworkName;
  readonly agent: string;
}

/** What callers did, and what was begun for it. */
export interface Work {
  readonly world: World;
  readonly operations: CrossingOperation[];
  readonly begun: Map<number, CrossedBegun[]>;
}

const KINDS = ["write", "write", "ask", "note", "keep", "keep", "count", "cancel", "tell", "vault", "ghost"] as const;

/** Lets a caller ask for all sorts of things, here and elsewhere, until its operations have ended. */
export async function work(record: Work, node: ModelNode, network: NetworkName): Promise<void> {
  const draw = record.world.draw(node.name);
  await node.clock.sleep(BEGIN_MS);
  const flow = node.life.beginFlow("import");
  const running: Promise<void>[] = [];
  for (let index = 0; index < OPERATIONS; index++) {
    await node.clock.sleep(draw.integer(400));
    const kind = draw.oneOf(KINDS);
    const options = optionsOf(draw, kind, network);
    running.push(operate(record, { node, network, kind, options, speaker: draw.chance(0.5) ? flow : node.life }));
  }
  await Promise.all(running);
  await flow.end("ok");
}

function optionsOf(draw: Draw, kind: (typeof KINDS)[number], own: NetworkName): SendOptions {
  const other = own === "eu" ? "us" : "eu";
  const network = draw.oneOf([other, other, other, "ap", own, ""]);
  return {
    timeoutMs: draw.oneOf([30, 300, TIMEOUT_MS]),
    agent: kind === "ghost" ? "ghost" : "clerk-1",
    ...(network !== "" && { network }),
    ...(draw.chance(0.2) && { version: draw.oneOf(["1.0.0", "1.1.0", "^1.0.0"]) }),
    ...(kind === "tell" && draw.chance(0.7) && { horizon: "any" as const }),
    ...(kind !== "tell" && draw.chance(0.15) && { horizon: draw.oneOf(["network", { hops: 2 }] as const) }),
  };
}

interface Asked {
  readonly node: ModelNode;
  readonly network: NetworkName;
  readonly kind: (typeof KINDS)[number];
  readonly options: SendOptions;
  /** Its node, or a flow of it. */
  readonly speaker: Pick<ModelNode["life"], "client" | "send" | "publish">;
}

const COMPONENTS: Readonly<Record<string, string>> = { ask: "front", vault: "vault" };

async function operate(record: Work, asked: Asked): Promise<void> {
  const { node, network, kind, options } = asked;
  const { operations, world } = record;
  const id = operations.length + 1;
  const component = COMPONENTS[kind] ?? "ledger";
  const { agent = "" } = options;
  const ends: { outcome: Outcome<unknown>; atMs: number }[] = [];
  const caller = node.name;
  operations.push({ id, kind, caller, component, options, ends, beganMs: world.elapsedMs, network, agent });
  const outcome = await carryOut(asked, id);
  if (outcome !== undefined) ends.push({ outcome, atMs: world.elapsedMs });
}

/** Does it; gives nothing for a broadcast, of which nobody is told anything. */
async function carryOut(
  { node, network: from, kind, options, speaker }: Asked,
  op: number,
): Promise<Outcome<unknown> | undefined> {
  const ledger: Client<typeof Ledger> = speaker.client(Ledger);
  const request = { op, from };
  switch (kind) {
    case "ask":
      return outcomeOf(speaker.client(Front).ask(request, options));
    case "vault":
      return outcomeOf(speaker.client(Vault).open(request, options));
    case "note":
      return outcomeOf(speaker.send(Ledger).note(request, options).accepted);
    case "keep":
      return outcomeOf(speaker.send(Ledger).keep(request, { ...options, idempotencyKey: keyOf(op) }).accepted);
    case "tell":
      return tell(() => speaker.publish(Ledger).tell(request, options));
    case "count":
      return readAll(ledger.count({ ...request, to: 3 }, options));
    case "cancel": {
      const give = new AbortController();
      const outcome = outcomeOf(ledger.write(request, { ...options, signal: give.signal }));
      await node.clock.sleep(8);
      give.abort();
      return outcome;
    }
    default:
      return outcomeOf(ledger.write(request, options));
  }
}

/** A broadcast ends only where nobody is known to whom it could go. */
function tell(publish: () => void): Outcome<unknown> | undefined {
  try {
    publish();
    return undefined;
  } catch (error) {
    if (!isOrreryError(error)) throw error;
    return { kind: error.kind, definite: error.definite, error };
  }
}

/** Key of a kept message, by its operation. */
export function keyOf(op: number): string {
  return `op-${op}`;
}
