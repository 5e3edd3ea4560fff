import { outcomeOf } from "@orrery/core";
import type { World } from "@orrery/sim";
import { Ledger } from "./crossing-services.ts";
import { type TRUST, whyDenied } from "./crossing-trust.ts";
import { type CrossingOperation, keyOf, TIMEOUT_MS, type Work } from "./crossing-work.ts";
import type { JoinedNetworks } from "./joined-networks.ts";
import { brokenEnd, sayBroken } from "./operation.ts";

/** What is known of a run over several networks. */
export interface CrossingRecord extends Work {
  readonly networks: JoinedNetworks;
  /** Lives that each server has begun. */
  readonly lives: Map<string, number>;
  /** Kept messages that were handled to their end. */
  readonly handled: Set<number>;
  /** Versions of servers that are not the first. */
  readonly versions: Map<string, string>;
  /** Whether a throttle that sends what is too much nearer has been in force. */
  isGivenBack: boolean;
}

/** What the callers were told, held against what was done in all networks, and what gateways told of one network in another. */
export function brokenPromises(record: CrossingRecord): readonly string[] {
  const found: string[] = [];
  for (const operation of record.operations) {
    const done = record.begun.get(operation.id) ?? [];
    found.push(...brokenBy(operation, record).map((why) => sayBroken(operation, done, why)));
  }
  return [...found, ...toldTooMuch(record)];
}

function brokenBy(operation: CrossingOperation, record: CrossingRecord): readonly string[] {
  const { id, kind, component, options, network } = operation;
  const done = record.begun.get(id) ?? [];
  const own = done.filter((one) => one.component === component);
  const broken: string[] = [];
  if (kind !== "tell") {
    const mayBeLost = kind === "note" ? [...record.lives.values()].some((count) => count > 1) : kind === "keep";
    broken.push(...brokenEnd(operation, { done, timeoutMs: TIMEOUT_MS, mayBeLost, mayRepeat: kind === "keep" }));
  }
  for (const one of done) {
    const denied = whyDenied({ component: one.component, from: one.from, to: one.network, agent: one.agent });
    if (denied !== undefined) broken.push(`it went from ${one.from} to ${one.network}: ${denied}`);
    if (one.agent !== operation.agent) broken.push(`it was begun for ${one.agent}`);
  }
  for (const one of own) {
    if (/^\d/.test(options.version ?? "") && one.version !== options.version && !isOfLaterLife(kind, one, record))
      broken.push("another version began");
    if (options.horizon === "network" && one.network !== network) broken.push("it left its network");
    const mayBeHere = options.network === undefined || (record.isGivenBack && one.network === network);
    if (one.network !== options.network && !mayBeHere) broken.push(`it names ${options.network}, and went elsewhere`);
  }
  if (kind === "tell" && new Set(own.map(({ node, instance }) => `${node} ${instance}`)).size < own.length)
    broken.push("an instance was told twice");
  if (kind === "keep") broken.push(...repeatedWithoutCause(own));
  return broken;
}

/** What is kept is given to whatever version runs in the next life of the node that accepted it. */
function isOfLaterLife(kind: string, { node }: { readonly node: string }, { lives }: CrossingRecord): boolean {
  return kind === "keep" && (lives.get(node) ?? 0) > 1;
}

/** What is kept begins again in a later life only, and says so. */
function repeatedWithoutCause(own: readonly { readonly attempt: number }[]): readonly string[] {
  const firsts = own.filter(({ attempt }) => attempt === 0);
  return firsts.length > 1 ? [`it was begun ${firsts.length} times for the first time`] : [];
}

/** Components of other networks that a node knows of, and may not call. */
function toldTooMuch({ networks }: CrossingRecord): readonly string[] {
  const found: string[] = [];
  for (const [node, directory] of networks.directories) {
    const from = networks.networkOf.get(node) ?? "";
    for (const name of directory.components()) {
      const [component = "", to = from] = name.split("@");
      const denied = whyDenied({ component, from, to, agent: "clerk-1" });
      if (denied !== undefined) found.push(`${node} is told of ${name}: ${denied}`);
    }
  }
  return found;
}

/** Kept messages that were acknowledged, and neither handled nor set aside by anybody. */
export async function lostMessages(record: CrossingRecord, world: World): Promise<readonly string[]> {
  const dead = new Set<string>();
  for (const name of record.lives.keys()) {
    const messages = await world.settle(world.nodes.get(name)?.life.deadMessages() ?? Promise.resolve([]));
    for (const { idempotencyKey } of messages) dead.add(idempotencyKey);
  }
  const lost = record.operations.filter(
    ({ id, kind, ends }) =>
      kind === "keep" && ends[0]?.outcome.kind === "reply" && !record.handled.has(id) && !dead.has(keyOf(id)),
  );
  return lost.map((operation) => sayBroken(operation, [], "it was kept, and is lost"));
}

/** Tries of a call once all is well, and the time between them in ms: breakers that have opened let one by now and then. */
const TRIES = 12;
const PAUSE_MS = 5_000;

/** Ways between networks that do not open again once all is well. */
export async function closedWays(
  world: World,
  callers: Readonly<Record<string, keyof typeof TRUST>>,
): Promise<readonly string[]> {
  const closed: string[] = [];
  for (const [name, from] of Object.entries(callers)) {
    const node = world.nodes.get(name);
    const network = from === "eu" ? "us" : "eu";
    const ends: string[] = [];
    for (let tries = 0; tries < TRIES && ends.at(-1) !== "reply"; tries++) {
      if (tries > 0) await world.run({ forMs: PAUSE_MS });
      if (node === undefined) break;
      const options = { network, agent: "clerk-1", timeoutMs: TIMEOUT_MS };
      const outcome = await world.settle(outcomeOf(node.life.client(Ledger).write({ op: 0, from }, options)));
      ends.push(outcome.kind === "reply" ? "reply" : `${outcome.kind} ${outcome.error.reason}`);
    }
    if (ends.at(-1) !== "reply")
      closed.push(`from ${name} to ${network} all is well, and calls end ${ends.join(", ")}`);
  }
  return closed;
}
