import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createSystemClock } from "@orrery/core";
import {
  createGossipDirectory,
  createMeshClient,
  type GossipDirectory,
  type RunningApp,
  readRunFiles,
} from "@orrery/mesh";
import {
  type Change,
  changesOf,
  createHostTarget,
  type HostRoll,
  type HostTarget,
  hostKeyFile,
  hostOf,
  type ReadRelease,
  type RollHostsResult,
  readReleases,
  rollHosts,
  type SurveyedHost,
  surveyHosts,
} from "@orrery/mesh/host";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, typed, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { ownKeys } from "../reach/own-keys.ts";
import { didYouMean, suggest } from "../suggest.ts";
import type { Terminal } from "../terminal.ts";
import { changeLines } from "./change-lines.ts";

const SERVICE = "orrery.host.v1.HostService";
/** How long hosts are looked for. */
const FIND_MS = 10_000;
/** The same, once an address has refused to talk. */
const REFUSED_MS = 2_000;
/** Hosts are all known once none has come for so long. */
const QUIET_MS = 500;
const LOOK_MS = 25;

/** Brings a folder of components to hosts. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const options = readOptions(input);
  const releases = await typed(() => readReleases(resolve(terminal.cwd, input.words[0] ?? "")));
  if (releases.length === 0 && !input.has("prune"))
    throw usageError(`Cannot apply "${input.words[0]}": it holds no component, name the folder that has`);
  const running = readRunFiles(terminal.cwd);
  const { seeds, own } = seedsOf(input, running);
  const agent = input.text("agent");
  const directory = createGossipDirectory({ seeds });
  const keys = await ownKeys(input, terminal, { addresses: seeds, running });
  let trouble = "";
  const onTrouble = (text: string, code?: string) => {
    if (code === "unauthenticated" || code === "handshake_failed") trouble = text;
  };
  const client = await createMeshClient({ directory, ...(agent && { agent }), ...keys, onTrouble });
  try {
    const wanted = input.texts("host");
    const names = await findHosts(directory, { own, wanted, why: () => trouble });
    const targetOf = (name: string) => createHostTarget(client, name, { key: keyOf(name) });
    // Where all are meant, those are, too, that only others know.
    const others = own.length === 0 && wanted.length === 0 ? targetOf : undefined;
    const hosts = await surveyHosts(names.map(targetOf), others);
    if (input.has("plan")) return await tellPlan({ hosts, releases, input, terminal });
    return await roll({ hosts, others, releases, options, input, terminal });
  } finally {
    await client.stop();
  }
}

interface ApplyOptions {
  readonly stages: readonly number[];
  readonly failedShareMax: number | undefined;
  readonly callsMin: number | undefined;
  readonly atOnce: number;
  readonly waitMs: number;
}

interface Work {
  readonly hosts: readonly SurveyedHost[];
  readonly releases: readonly ReadRelease[];
  readonly input: CommandInput;
  readonly terminal: Terminal;
}

async function roll({
  hosts,
  others,
  releases,
  input,
  terminal,
  options,
}: Work & { options: ApplyOptions; others: ((name: string) => HostTarget) | undefined }): Promise<ExitCode> {
  const { stages, failedShareMax, callsMin, atOnce, waitMs } = options;
  const isOne = hosts.length === 1;
  const budget = {
    ...(failedShareMax === undefined ? {} : { failedShareMax }),
    ...(callsMin === undefined ? {} : { callsMin }),
  };
  const prune = input.has("prune");
  const isText = input.text("output") !== "json";
  const result = await rollHosts({
    hosts: hosts.map(({ target }) => target),
    ...(others && { others }),
    plan: {
      id: planId(releases, prune),
      components: releases.map(({ name, release }) => ({ name, release })),
      prune,
      ...(isOne && stages.length > 0 ? { stages, ...budget } : {}),
    },
    contents: new Map(releases.flatMap(({ contents }) => [...contents])),
    fresh: new Set(releases.map(({ version }) => version)),
    clock: createSystemClock(),
    unavailableMax: atOnce,
    stages: isOne ? [] : stages,
    budget,
    waitMs,
    ...(isText ? { onHost: (host: HostRoll) => tellHost(host, terminal) } : {}),
  });
  await terminal.write(isText ? resultText(result) : `${JSON.stringify(result)}\n`);
  if (result.kind === "reverted") throw new CommandError(`Cannot apply "${input.words[0]}": ${result.text}`);
  if (result.kind === "done") return EXIT.done;
  throw new CommandError(`Cannot apply "${input.words[0]}" everywhere: ${result.text}`, { exit: EXIT.notFound });
}

async function tellPlan({ hosts, releases, input, terminal }: Work): Promise<ExitCode> {
  const named = releases.map(({ name, version }) => [name, version] as const);
  const refused = hosts.find(({ state }) => state === "refused");
  if (refused !== undefined) throw refused.error;
  const open = hosts.filter(({ state }) => state === "unreachable");
  if (open.length === hosts.length) throw open[0]?.error;
  const all = hosts.flatMap(({ target, report }): readonly { host: string; changes: readonly Change[] }[] => {
    if (report === undefined) return [];
    const { running } = report;
    const wanted = new Map([...(input.has("prune") ? [] : running), ...named]);
    return [{ host: target.name, changes: changesOf(running, wanted) }];
  });
  const lines = all.flatMap(({ host, changes }) => changeLines(changes).map((line) => `${host}: ${line}`));
  const text = lines.length === 0 ? `nothing to change on ${hostsText(all.length)}` : lines.join("\n");
  await terminal.write(input.text("output") === "json" ? `${JSON.stringify({ hosts: all })}\n` : `${text}\n`);
  if (open.length === 0) return EXIT.done;
  const names = open.map(({ target }) => target.name).join(", ");
  throw new CommandError(`Cannot say of every host what would change: out of reach: ${names}`, { exit: EXIT.notFound });
}

function tellHost({ host, state, changes, text }: HostRoll, terminal: Terminal): void {
  if (state === "waiting" || state === "same") return;
  const what = state === "rolling" ? changeLines(changes).join(", ") : text;
  terminal.say(`${host}  ${state}${what === "" ? "" : `  ${what}`}`);
}

function resultText({ kind, hosts }: RollHostsResult): string {
  const count = (state: HostRoll["state"]) => hosts.filter((host) => host.state === state).length;
  if (count("same") === hosts.length) return `nothing to change on ${hostsText(hosts.length)}\n`;
  const lines = hosts
    .filter(({ changes, state }) => changes.length > 0 && state === "done")
    .flatMap(({ host, changes }) => changeLines(changes).map((line) => `${host}: ${line}`));
  const [done, same] = [count("done"), count("same")];
  const end = kind === "reverted" ? "put back" : `${done} changed, ${same} as they were`;
  return `${[...(kind === "reverted" ? [] : lines), `${hostsText(hosts.length)}: ${end}`].join("\n")}\n`;
}

function hostsText(count: number): string {
  return count === 1 ? "1 host" : `${count} hosts`;
}

/** The same components have the same plan, so that a command that is typed again goes on with it. */
function planId(releases: readonly ReadRelease[], prune: boolean): string {
  const text = JSON.stringify([prune, releases.map(({ name, version }) => [name, version])]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Where to look for hosts, and the addresses of those that it is about; none for all. */
function seedsOf(
  input: CommandInput,
  running: readonly RunningApp[],
): { seeds: readonly string[]; own: readonly string[] } {
  const to = input.text("to");
  if (to !== undefined) return { seeds: [to], own: [] };
  const own = running.flatMap(({ directory }) => directory.resolve(SERVICE));
  if (own.length > 0) return { seeds: own, own };
  throw new CommandError("Cannot apply here: no host runs in this project", {
    exit: EXIT.notFound,
    tip: "orrery supervise DIR, or name a node of the network with --to",
  });
}

async function findHosts(
  directory: GossipDirectory,
  { own, wanted, why }: { own: readonly string[]; wanted: readonly string[]; why: () => string },
): Promise<readonly string[]> {
  const clock = createSystemClock();
  const look = () =>
    directory.members().flatMap(({ status, addresses, components }) => {
      const name = hostOf(components.find((one) => one.name === SERVICE)?.version ?? "");
      const isOurs = own.length === 0 || addresses.some((address) => own.includes(address));
      return name === undefined || !isOurs || status === "left" ? [] : [name];
    });
  directory.join();
  let found = look();
  for (let [startMs, newsMs] = [clock.monotonic(), clock.monotonic()]; ; await clock.sleep(LOOK_MS)) {
    const next = look();
    if (next.join() !== found.join()) newsMs = clock.monotonic();
    found = next;
    if (found.length > 0 && clock.monotonic() - newsMs >= QUIET_MS) break;
    if (clock.monotonic() - startMs < (why() === "" ? FIND_MS : REFUSED_MS)) continue;
    const reason = why() || "is the address one of a node of its network?";
    throw new CommandError(`Cannot apply: no host was found, ${reason}`, { exit: EXIT.notFound });
  }
  const unknown = wanted.find((name) => !found.includes(name));
  if (unknown !== undefined) {
    const near = didYouMean(suggest(unknown, found));
    throw new CommandError(`Cannot find host "${unknown}": ${near || `there are ${found.join(", ")}`}`, {
      exit: EXIT.notFound,
    });
  }
  return wanted.length === 0 ? found : wanted;
}

/** Key of a host of this machine that the same user runs; empty for others. */
function keyOf(host: string): string {
  const file = hostKeyFile(host);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function readOptions(input: CommandInput): ApplyOptions {
  const canary = input.text("canary");
  const failedShare = input.text("failed-share");
  const calls = input.text("calls");
  return {
    stages: canary === undefined ? [] : canary.split(",").map((text) => parseShare(text, "canary")),
    failedShareMax: failedShare === undefined ? undefined : parseShare(failedShare, "failed-share"),
    callsMin: calls === undefined ? undefined : parseCount(calls, "calls"),
    atOnce: parseCount(input.text("at-once") ?? "1", "at-once"),
    waitMs: parseTime(input.text("wait") ?? "1m", "wait"),
  };
}

function parseShare(text: string, flag: string): number {
  const share = /^\d+(\.\d+)?%$/.test(text.trim()) ? Number.parseFloat(text) / 100 : Number.NaN;
  if (share >= 0 && share <= 1) return share;
  throw usageError(`Cannot read flag --${flag}: "${text}" is no share, write one such as 1% or 10%`);
}

function parseCount(text: string, flag: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= 1_000_000) return count;
  throw usageError(`Cannot read flag --${flag}: "${text}" is no number from 1 to 1000000`);
}
