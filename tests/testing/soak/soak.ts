import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { createSeededRandom } from "@orrery/core/conformance";
import { createHosts, type Host } from "../hosts/lab.ts";
import type { Program } from "../hosts/program.ts";
import { makeScratch, writeFiles } from "../scratch.ts";
import type { LoadTally } from "./load.ts";

const LOAD = new URL("./load.ts", import.meta.url);
const ORRERY = fileURLToPath(new URL("../../../packages/cli/bin/orrery.js", import.meta.url));

/** How a soak goes. */
export interface SoakOptions {
  /** How long things go wrong, in ms. */
  readonly forMs: number;
  readonly seed: number;
  /** Between two messages of each of the two load processes, in ms. */
  readonly everyMs: number;
  /** Told of all that is done to the hosts, and how the load stands. */
  readonly onProgress: (text: string) => void;
}

/** What came of it. */
export interface SoakReport {
  readonly seconds: number;
  /** What was done to the hosts, by kind. */
  readonly harm: Readonly<Record<string, number>>;
  readonly begun: number;
  readonly ended: number;
  readonly twice: number;
  readonly ends: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  /** Acknowledged messages that nobody handled. */
  readonly lost: readonly string[];
  /** Messages that were handled more than once. */
  readonly repeated: number;
  readonly longestMs: number;
  /** Memory of each load process after a collection: a minute after the beginning, or as early as there was a look; and at the end. */
  readonly memory: readonly { readonly early: Memory; readonly late: Memory }[];
}

/** What objects and compiled code take of the heap. */
export type Memory = Pick<LoadTally, "heapBytes" | "codeBytes">;

/** Runs hosts under load, and does them harm until the time is over; then lets them be, and counts. */
export async function runSoak(t: Pick<TestContext, "after">, options: SoakOptions): Promise<SoakReport> {
  const { forMs, onProgress } = options;
  const [watch, ...hosts] = createHosts(t, ["watch", ...HOSTS]) as readonly [Host, ...Host[]];
  const scratch = makeScratch(t);
  const seeds = hosts.map(({ ip }) => `tcp://${ip}:7100`);
  const fleet = hosts.map((host) => new SoakHost(host, join(scratch, host.name), seeds));
  for (const one of fleet) one.powerOn();
  const loads = [0, 1].map((index) =>
    watch.run(LOAD, `load-${index}`, seeds.join(","), `${options.everyMs}`, join(scratch, `acknowledged-${index}`)),
  );
  for (const load of loads) await load.next();
  const look = (ask: "tally" | "stop") => Promise.all(loads.map((load) => load.ask<LoadTally>({ ask })));
  await untilAnswered(look);
  const beganMs = performance.now();
  const passedMs = () => performance.now() - beganMs;
  const harm = createHarm(fleet, options);
  const looks: (readonly LoadTally[])[] = [];
  const everyMs = Math.min(LOOK_MS, forMs / 3);
  while (passedMs() < forMs) {
    await harm.next();
    if (passedMs() < (looks.length + 1) * everyMs) continue;
    const now = await look("tally");
    onProgress(describeLoad(now, looks.at(-1)));
    looks.push(now);
  }
  for (const one of fleet) one.heal();
  await harm.settled();
  await sleep(RECOVER_MS);
  const late = await look("stop");
  const seconds = Math.round(passedMs() / 1000);
  const handled = await untilHandled(fleet, loads, scratch);
  for (const one of fleet) one.powerOff();
  return { seconds, harm: harm.counts, ...sumOf(late), ...handled, memory: memoryOf(looks[0] ?? late, late) };
}

const HOSTS = ["one", "two", "three"] as const;
const LOOK_MS = 60_000;
/** When a service manager starts a supervisor again that was killed. */
const START_AGAIN_MS = 1_000;
/** Time without harm before the load ends: what is dead is known to be, and what is back is known, too. */
const RECOVER_MS = 20_000;
const HANDLED_WITHIN_MS = 60_000;

const COMPONENTS = {
  "ledger.ts": `import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { defineComponent, defineService, json } from "@orrery/core";
const Ledger = defineService("ledger", {
  write: { request: json(), reply: json() },
  note: { request: json(), mode: "async", keep: true },
});
const file = "HANDLED";
export default defineComponent(Ledger, () => ({ write: ({ id }) => ({ id }), note: ({ id }) => appendFileSync(file, id + "\\n") }));
`,
  "front.ts": `import { defineComponent, defineService, json } from "@orrery/core";
const Ledger = defineService("ledger", {
  write: { request: json(), reply: json() },
  note: { request: json(), mode: "async", keep: true },
});
const Front = defineService("front", { ask: { request: json(), reply: json() } });
export default defineComponent(Front, () => ({ ask: (request, context) => context.client(Ledger).write(request) }));
`,
};

/** A host that runs a folder of components, under a supervisor that is started again when it was killed. */
class SoakHost {
  readonly host: Host;
  readonly handledFile: string;
  readonly #folder: string;
  #lives = 0;
  isOn = false;

  constructor(host: Host, folder: string, seeds: readonly string[]) {
    this.host = host;
    this.#folder = folder;
    this.handledFile = join(folder, "handled");
    const components = Object.entries(COMPONENTS).map(([name, text]) => [
      `app/${name}`,
      text.replace("HANDLED", this.handledFile),
    ]);
    const yaml = [
      `name: ${host.name}`,
      `listen: tcp://${host.ip}:7100`,
      `seeds: [${seeds.join(", ")}]`,
      "components:",
      "  ledger: { instances: 2, restart: always }",
      "  front: { restart: always }",
      "rules: { restartsMax: 1000, backoffMaxMs: 1000 }",
    ];
    writeFiles(folder, { ...Object.fromEntries(components), "app/host.yaml": `${yaml.join("\n")}\n` });
  }

  powerOn(): void {
    this.isOn = true;
    const life = ++this.#lives;
    const words = [process.execPath, "--conditions=source", ORRERY, "supervise", "app"];
    this.host.exec(words, { cwd: this.#folder }).once("exit", () => {
      const startAgain = () => this.isOn && life === this.#lives && this.powerOn();
      void sleep(START_AGAIN_MS).then(startAgain);
    });
  }

  powerOff(): void {
    this.isOn = false;
    this.host.powerOff();
  }

  heal(): void {
    this.host.mend();
    if (!this.isOn) this.powerOn();
  }

  handled(): readonly string[] {
    return existsSync(this.handledFile) ? readFileSync(this.handledFile, "utf8").split("\n").filter(Boolean) : [];
  }
}

/** Does harm by lot, and mends it after a while by itself. */
interface Harm {
  readonly counts: Readonly<Record<string, number>>;
  /** Waits a little, then does something. */
  next(): Promise<void>;
  /** Done when nothing is left to be mended. */
  settled(): Promise<unknown>;
}

function createHarm(fleet: readonly SoakHost[], { seed, onProgress }: SoakOptions): Harm {
  const random = createSeededRandom(seed);
  const counts: Record<string, number> = {};
  const mending = new Set<Promise<void>>();
  const among = <T>(all: readonly T[]) => all[random.integer(all.length)] as T;
  const later = (ms: number, mend: () => void) => {
    const done = sleep(ms).then(mend);
    mending.add(done);
    void done.finally(() => mending.delete(done));
  };
  const kinds: Readonly<Record<string, (one: SoakHost) => void>> = {
    "process killed": ({ host }) => kill(among(host.pids()), "SIGKILL"),
    "process held for 4 s": ({ host }) => {
      const pid = among(host.pids());
      kill(pid, "SIGSTOP");
      later(4_000, () => kill(pid, "SIGCONT"));
    },
    "host off for 8 s": (one) => {
      one.powerOff();
      later(8_000, () => one.heal());
    },
    "host cut off for 10 s": ({ host }) => {
      host.cut();
      later(10_000, () => host.mend());
    },
    "two hosts cut from one another for 6 s": ({ host }) => {
      const other = among(fleet.filter((one) => one.host !== host));
      host.cut(other.host);
      later(6_000, () => host.mend());
    },
    "5 % of a host's packets lost for 8 s": ({ host }) => {
      host.lose(0.05);
      later(8_000, () => host.mend());
    },
  };
  return {
    counts,
    settled: () => Promise.all(mending),
    async next() {
      await sleep(1_000 + random.integer(3_000));
      const one = among(fleet.filter(({ isOn }) => isOn));
      const kind = among(Object.keys(kinds));
      // One host always stays whole, so that there is somebody to call.
      const isHeavy = kind.startsWith("host");
      if (one === undefined || (isHeavy && mending.size > 0)) return;
      counts[kind] = (counts[kind] ?? 0) + 1;
      onProgress(`${one.host.name}: ${kind}`);
      kinds[kind]?.(one);
    },
  };
}

/** Waits until every kind of message is answered, so that the soak begins with a network that runs. */
async function untilAnswered(look: (ask: "tally") => Promise<readonly LoadTally[]>): Promise<void> {
  const kinds = ["write reply", "note reply", "ask reply"];
  const endMs = performance.now() + 60_000;
  for (;;) {
    const tallies = await look("tally");
    if (tallies.every(({ ends }) => kinds.every((kind) => (ends[kind] ?? 0) > 0))) return;
    if (performance.now() > endMs) throw new Error(`Cannot begin: nobody answers, ${JSON.stringify(tallies)}`);
    await sleep(200);
  }
}

/** Waits until what was acknowledged has been handled, as long as anybody could still be about to. */
async function untilHandled(
  fleet: readonly SoakHost[],
  loads: readonly Program[],
  scratch: string,
): Promise<Pick<SoakReport, "lost" | "repeated">> {
  const acknowledged = loads.flatMap((_, index) =>
    readFileSync(join(scratch, `acknowledged-${index}`), "utf8")
      .split("\n")
      .filter(Boolean),
  );
  const endMs = performance.now() + HANDLED_WITHIN_MS;
  for (;;) {
    const handled = fleet.flatMap((one) => one.handled());
    const known = new Set(handled);
    const lost = acknowledged.filter((id) => !known.has(id));
    if (lost.length === 0 || performance.now() > endMs) return { lost, repeated: handled.length - known.size };
    await sleep(500);
  }
}

function sumOf(tallies: readonly LoadTally[]) {
  const ends: Record<string, number> = {};
  for (const tally of tallies)
    for (const [end, count] of Object.entries(tally.ends)) ends[end] = (ends[end] ?? 0) + count;
  const sum = (of: (tally: LoadTally) => number) => tallies.reduce((all, tally) => all + of(tally), 0);
  return {
    begun: sum(({ begun }) => begun),
    ended: sum(({ ended }) => ended),
    twice: sum(({ twice }) => twice),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    longestMs: Math.max(...tallies.map(({ longestMs }) => longestMs)),
    ends,
  };
}

/** How the load goes: what was answered and what was not since the last look, and its memory. */
function describeLoad(now: readonly LoadTally[], before: readonly LoadTally[] | undefined): string {
  const [all, then] = [sumOf(now), sumOf(before ?? [])];
  const answered = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).reduce((sum, [end, count]) => sum + (end.endsWith(" reply") ? count : 0), 0);
  const replies = answered(all.ends) - answered(then.ends);
  const heaps = now.map(({ heapBytes, codeBytes }) => `${mib(heapBytes)} + ${mib(codeBytes)} of code`).join(", ");
  return `${replies} of ${all.ended - then.ended} messages answered; heap of the load: ${heaps}`;
}

function memoryOf(early: readonly LoadTally[], late: readonly LoadTally[]): SoakReport["memory"] {
  return late.map((tally, index) => ({ early: early[index] ?? tally, late: tally }));
}

function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, signal);
  } catch {
    // It is gone.
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}
