import { resolve } from "node:path";
import { type Client, createSystemClock } from "@orrery/core";
import { type RunningApp, readDirectory, readRunFiles } from "@orrery/mesh";
import { Draining, type Member, type OperateService, type StatusResponse } from "@orrery/mesh/operate";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { ownKeys } from "../reach/own-keys.ts";
import { NothingRuns } from "../reach/reach.ts";
import { suggest } from "../suggest.ts";
import type { Terminal } from "../terminal.ts";
import { inParallel } from "./in-parallel.ts";
import { ADDRESSES_TRIED_MAX, ASK_TIMEOUT_MS, ASKED_AT_ONCE_MAX, NODES_MAX } from "./limits.ts";
import { type Answer, answerOf, createNodeClients, servesNoOperators, whySilent } from "./node-client.ts";

/** A node as a command sees it. */
export interface FleetNode {
  /** Empty for one of which only the address is known. */
  readonly name: string;
  /** Where it was asked; empty for one that was not. */
  readonly address: string;
  /** `alive`, `draining`, `drained`; `suspect`, `dead`, `left` as others see it; `silent` when it gave no answer. */
  readonly state: "alive" | "draining" | "drained" | "suspect" | "dead" | "left" | "silent";
  /** Why it gave no answer; empty when it gave one. */
  readonly why: string;
  /** What it told of itself. */
  readonly status: StatusResponse | undefined;
  /** What the node that was asked first knows of it. */
  readonly member: Member | undefined;
  readonly error: unknown;
}

/** The nodes of a network, and a way to speak with each. */
export interface Fleet {
  /** Node that said who else there is. */
  readonly from: string;
  /** Asks who there is, and each how it stands. @throws CommandError when nobody answers, or none may be asked. */
  look(): Promise<readonly FleetNode[]>;
  /** Asks each of some nodes the same, in parallel. */
  ask<T>(
    nodes: readonly FleetNode[],
    question: (
      client: Client<typeof OperateService>,
      options: { readonly timeoutMs: number },
      node: FleetNode,
    ) => Promise<T>,
  ): Promise<readonly { readonly node: FleetNode; readonly answer: Answer<T> }[]>;
  /** Asks a node how it stands that others say has left: one that drains has, and answers. */
  askAnyway(node: FleetNode): Promise<FleetNode>;
  /** Waits; rejects when the signal ends it. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Finds the nodes that a command is about: by an address, by a file of addresses, or those that run in this project. */
export async function openFleet(input: CommandInput, terminal: Terminal): Promise<Fleet> {
  const { seeds, running } = await seedsOf(input, terminal);
  const keys = await ownKeys(input, terminal, { addresses: seeds, running });
  const timeout = input.text("timeout");
  const timeoutMs = timeout === undefined ? ASK_TIMEOUT_MS : parseTime(timeout, "timeout");
  const clients = createNodeClients(input.text("agent") ?? "operator", keys);
  const clock = createSystemClock();
  const options = { timeoutMs };
  const status = async (address: string) => await (await clients.at(address)).status({}, options);
  let from = "";
  return {
    get from() {
      return from;
    },
    async look() {
      const asked = seeds.map((address) => ({ address }));
      const told = await inParallel(asked, ASKED_AT_ONCE_MAX, async ({ address }) => ({
        address,
        answer: await answerOf((await clients.at(address)).members({}, options)),
      }));
      const first = told.find(({ answer }) => "value" in answer)?.answer;
      if (first === undefined || !("value" in first)) throw nobody(told, timeoutMs);
      from = first.value.node;
      const places = placesOf(told.map(({ address, answer }) => ({ address, answer })));
      const nodes = await inParallel(places, ASKED_AT_ONCE_MAX, (place) => lookAt(place, status));
      return withoutTwins(nodes);
    },
    async ask(nodes, question) {
      return await inParallel(nodes, ASKED_AT_ONCE_MAX, async (node) => {
        if (node.status === undefined) return { node, answer: { error: node.error ?? unasked(node) } };
        const client = await clients.at(node.address);
        return { node, answer: await answerOf(question(client, options, node)) };
      });
    },
    async askAnyway(node) {
      if (node.state !== "left" || node.member === undefined) return node;
      const asked = await lookAt({ addresses: node.member.addresses, member: undefined }, status);
      return asked.status === undefined ? node : { ...asked, member: node.member };
    },
    sleep: (ms, signal) => clock.sleep(ms, signal),
    close: () => clients.close(),
  };
}

/** Nodes by their names. @throws CommandError for one that there is not. */
export function pickNodes(nodes: readonly FleetNode[], names: readonly string[]): readonly FleetNode[] {
  if (names.length === 0) return nodes;
  return names.map((name) => {
    const found = nodes.find((node) => node.name === name || node.address === name);
    if (found !== undefined) return found;
    const all = nodes.map((node) => node.name || node.address);
    const near = suggest(name, all);
    const why = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `there are ${all.join(", ")}`;
    throw new CommandError(`Cannot find node "${name}": ${why}`, { exit: EXIT.notFound, tip: "orrery nodes" });
  });
}

/** Components that somebody runs, by name. */
export function componentsOf(nodes: readonly FleetNode[]): readonly string[] {
  const names = nodes.flatMap(({ status }) => status?.components.map(({ name }) => name) ?? []);
  return [...new Set(names)].sort();
}

interface Place {
  readonly addresses: readonly string[];
  readonly member: Member | undefined;
}

interface Seeds {
  readonly seeds: readonly string[];
  readonly running: readonly RunningApp[];
}

async function seedsOf(input: CommandInput, terminal: Terminal): Promise<Seeds> {
  const [address, file] = [input.text("address"), input.text("directory")];
  if (address !== undefined && file !== undefined)
    throw usageError("Cannot reach nodes by --address and --directory: name one way");
  const running = file === undefined ? readRunFiles(terminal.cwd) : [];
  if (address !== undefined) return { seeds: [address], running };
  const found =
    file === undefined ? running.map(({ directory }) => directory) : [await readDirectory(resolve(terminal.cwd, file))];
  const addresses = found.flatMap((one) => one.components().flatMap((name) => one.resolve(name)));
  if (addresses.length > 0) return { seeds: [...new Set(addresses)].slice(0, NODES_MAX), running };
  if (file !== undefined)
    throw new CommandError(`Cannot reach any node: "${file}" names no address`, { exit: EXIT.notFound });
  throw new NothingRuns("Cannot reach any node: no node of this project runs", {
    exit: EXIT.notFound,
    tip: "orrery run FILE, or name a node with --address=ADDRESS",
  });
}

interface Told {
  readonly address: string;
  readonly answer: Answer<{ readonly node: string; readonly members: readonly Member[] }>;
}

/** Every node once: by its name where anybody knows it, else by its address. The first that told counts, but each knows itself best. */
function placesOf(told: readonly Told[]): readonly Place[] {
  const byName = new Map<string, Place>();
  const loose = new Set<string>();
  for (const { address, answer } of told) {
    if (!("value" in answer)) {
      loose.add(address);
      continue;
    }
    for (const member of answer.value.members) {
      const { node, addresses } = member;
      if (node === "") for (const one of addresses) loose.add(one);
      else if (node === answer.value.node) {
        const known = byName.get(node)?.member;
        const distance = known?.distance;
        const own = distance === undefined ? member : { ...member, distance };
        byName.set(node, { addresses: [address, ...addresses.filter((one) => one !== address)], member: own });
      } else if (!byName.has(node)) byName.set(node, { addresses, member });
    }
  }
  const named = [...byName.values()];
  const known = new Set(named.flatMap(({ addresses }) => addresses));
  const others = [...loose].filter((address) => !known.has(address));
  const all = [...named, ...others.map((address) => ({ addresses: [address], member: undefined }))];
  return all.slice(0, NODES_MAX);
}

async function lookAt(
  { addresses, member }: Place,
  status: (address: string) => Promise<StatusResponse>,
): Promise<FleetNode> {
  const seen = member?.status;
  const name = member?.node ?? "";
  const unasked = { name, address: addresses[0] ?? "", status: undefined, member, error: undefined };
  if (seen === "dead" || seen === "left")
    return { ...unasked, state: seen, why: seen === "left" ? "it left in good order" : "nobody hears it any more" };
  let failed: unknown;
  for (const address of addresses.slice(0, ADDRESSES_TRIED_MAX)) {
    const answer = await answerOf(status(address));
    if ("value" in answer) {
      const { value } = answer;
      const state = STATES[value.draining] ?? "alive";
      return { name: value.node, address, state, why: "", status: value, member, error: undefined };
    }
    failed = answer.error;
    if (servesNoOperators(failed)) break;
  }
  const isSeen = servesNoOperators(failed) || whySilent(failed) === "not allowed";
  const state = isSeen ? "alive" : seen === "suspect" ? "suspect" : "silent";
  return { ...unasked, state, why: addresses.length === 0 ? "it tells no address" : whySilent(failed), error: failed };
}

const STATES: Readonly<Partial<Record<Draining, FleetNode["state"]>>> = {
  [Draining.GOING_ON]: "draining",
  [Draining.DONE]: "drained",
};

/** A node that was known by its address alone may be one that was known by its name, too. */
function withoutTwins(nodes: readonly FleetNode[]): readonly FleetNode[] {
  const seen = new Set<string>();
  const single = nodes.filter(({ name, status }) => {
    const key = `${name} ${status?.incarnation ?? ""}`;
    if (name === "" || !seen.has(key)) {
      seen.add(key);
      return true;
    }
    return false;
  });
  return [...single].sort((a, b) => compare(a.name || a.address, b.name || b.address));
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function nobody(told: readonly Told[], timeoutMs: number): unknown {
  const errors = told.flatMap(({ answer }) => ("error" in answer ? [answer.error] : []));
  const refused = errors.find((error) => whySilent(error) === "not allowed");
  if (refused !== undefined) return refused;
  const at = told.map(({ address }) => address).join(", ");
  if (errors.some(servesNoOperators))
    return new CommandError(`Cannot ask the nodes at ${at}: they serve no operators`, {
      exit: EXIT.notFound,
      tip: "start them with orrery run, or by createMeshNode({ operate: true })",
    });
  const why = errors.some((error) => whySilent(error) === "no answer") ? ` within ${timeoutMs} ms` : "";
  const refusal = errors.map(refusalText).find((text) => text !== "");
  return new CommandError(`Cannot reach any node: nobody answers at ${at}${why}${refusal ? `, ${refusal}` : ""}`, {
    exit: EXIT.notFound,
    tip: "orrery run FILE, or name another node with --address=ADDRESS",
    cause: errors[0],
  });
}

/** What a peer said that did not let this command in; empty where that is not known. */
function refusalText(error: unknown): string {
  return /it refused with .*/.exec(error instanceof Error ? error.message : "")?.[0] ?? "";
}

function unasked(node: FleetNode): CommandError {
  return new CommandError(`Cannot ask node "${node.name}": ${node.why}`, { exit: EXIT.notFound });
}
