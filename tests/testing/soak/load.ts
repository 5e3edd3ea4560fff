// A process that calls and tells without a pause, and counts how each message ends. It is told what to do by lines of JSON.
import { closeSync, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { defineService, json, outcomeOf } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";

/** What a load process has done so far. */
export interface LoadTally {
  readonly begun: number;
  /** Messages that have ended; each once, or this is more than have begun. */
  readonly ended: number;
  /** How they ended: `write reply`, `note bounced circuit_open`. */
  readonly ends: Readonly<Record<string, number>>;
  /** Messages that ended a second time. */
  readonly twice: number;
  readonly acknowledged: number;
  readonly longestMs: number;
  /** What objects take after a collection, compiled code not counted: that grows as long as the engine finds more to compile. */
  readonly heapBytes: number;
  readonly codeBytes: number;
}

const [name = "", seeds = "", everyMs = "", acknowledgedFile = ""] = process.argv.slice(2);
const TIMEOUT_MS = 3_000;
/** Where V8 keeps bytecode and machine code, and what belongs to them. */
const CODE_SPACE = /^(code|trusted)_/;
const Ledger = defineService("ledger", {
  write: { request: json<{ id: string }>(), reply: json<{ id: string }>() },
  note: { request: json<{ id: string }>(), mode: "async", keep: true },
});
const Front = defineService("front", { ask: { request: json<{ id: string }>(), reply: json<{ id: string }>() } });

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const client = await createMeshClient({ name, seeds: seeds.split(",") });
const ends: Record<string, number> = {};
/** Written down as they come: what is kept here would look like a leak. */
const acknowledgedIds = openSync(acknowledgedFile, "w");
let acknowledged = 0;
let begun = 0;
let ended = 0;
let twice = 0;
let longestMs = 0;
let isOver = false;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const running = steadily();
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { ask } = JSON.parse(line) as { ask: "tally" | "stop" };
  if (ask === "stop") {
    isOver = true;
    await running;
    closeSync(acknowledgedIds);
  }
  say(tally());
}

async function steadily(): Promise<void> {
  const open = new Set<Promise<void>>();
  const beganMs = performance.now();
  for (let turn = 0; !isOver; turn++) {
    const one = send(turn);
    open.add(one);
    void one.finally(() => open.delete(one));
    const dueMs = beganMs + (turn + 1) * Number(everyMs);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
  }
  await Promise.all(open);
}

async function send(turn: number): Promise<void> {
  const kind = (["write", "note", "ask"] as const)[turn % 3] ?? "write";
  const id = `${name}-${turn}`;
  const beganMs = performance.now();
  const options = { timeoutMs: TIMEOUT_MS };
  begun++;
  let hasEnded = false;
  const call =
    kind === "note"
      ? client.send(Ledger).note({ id }, options).accepted
      : kind === "ask"
        ? client.client(Front).ask({ id }, options)
        : client.client(Ledger).write({ id }, options);
  const outcome = await outcomeOf<unknown>(call);
  if (hasEnded) twice++;
  hasEnded = true;
  ended++;
  const end = `${kind} ${outcome.kind}${outcome.kind === "reply" ? "" : ` ${outcome.error.reason ?? outcome.error.code}`}`;
  ends[end] = (ends[end] ?? 0) + 1;
  longestMs = Math.max(longestMs, performance.now() - beganMs);
  if (kind !== "note" || outcome.kind !== "reply") return;
  acknowledged++;
  writeSync(acknowledgedIds, `${id}\n`);
}

function tally(): LoadTally {
  collect();
  const spaces = getHeapSpaceStatistics();
  const used = (isCode: boolean) =>
    spaces.reduce((sum, one) => sum + (CODE_SPACE.test(one.space_name) === isCode ? one.space_used_size : 0), 0);
  const [heapBytes, codeBytes] = [used(false), used(true)];
  return { begun, ended, ends, twice, acknowledged, longestMs, heapBytes, codeBytes };
}
