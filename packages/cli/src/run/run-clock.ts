import { findProject, type LifeEvent, writeRunFile } from "@orrery/mesh";
import type { ClockApp, ClockResult, ClockStatus, LaunchClockOptions } from "@orrery/mesh/clock";
import { tellClock } from "../clock/tell-clock.ts";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { expandApps, setMissing } from "./expand-apps.ts";
import { tellLife } from "./tell-life.ts";

/** Flags of `orrery run` that say nothing where components run under one clock. */
const OTHER_FLAGS = ["isolate", "http", "web-port", "directory", "agent", "capture"];

/** Runs a scenario, or components, in several processes under one clock, until the run is over or somebody ends it. */
export async function runClock(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const { findWorldSource, launchClock } = await import("@orrery/mesh/clock");
  const wrong = OTHER_FLAGS.find((flag) => input.text(flag) !== undefined && input.text(flag) !== "none");
  if (wrong !== undefined || input.has("watch") || input.has("no-listen") || input.texts("instances").length > 0)
    throw usageError(`Cannot run with --clock and --${wrong ?? "watch, --no-listen or --instances"}: leave one out`);
  const latency = timeFlag(input, "latency") ?? LATENCY_MS;
  const { paths, env, together } = await expandApps(input.words, {
    ...{ cwd: terminal.cwd, env: terminal.env },
    isModel: true,
  });
  setMissing(env, process.env);
  const source = await findWorldSource(paths, { cwd: terminal.cwd, latency, together });
  const over = Promise.withResolvers<void>();
  const isScenario = source.kind === "scenario";
  const isHeld = input.has("paused");
  const onStand = ({ state }: ClockStatus) => {
    if (state === "failed" || (isScenario && !isHeld && (state === "idle" || state === "ended"))) over.resolve();
  };
  const own = readOptions(input);
  const onLife = (event: LifeEvent) => tellLife(event, { log: own.log ?? "text", cwd: terminal.cwd }, terminal);
  const app = await launchClock({ ...own, source, onStand, onLife, writeLine: (line) => terminal.say(line) });
  const release = terminal.onInterrupt(() => over.resolve());
  const file = writeRunFile(findProject(terminal.cwd), app.directory);
  try {
    await tellReady(app, input, terminal);
    if (!isHeld) app.run().catch(() => undefined); // What breaks it is told with the result.
    const stopped = app.stopped.then(() => undefined);
    await Promise.race([over.promise, stopped]);
    return await tellResult(await app.stop(), {
      input,
      terminal,
      isScenario,
      pids: app.members().map(({ pid }) => pid),
    });
  } finally {
    release();
    file.remove();
  }
}

/** How long messages between components take where nobody says. */
const LATENCY_MS = 1;

function readOptions(input: CommandInput): Partial<LaunchClockOptions> {
  const processes = wholeFlag(input, "processes");
  const seed = wholeFlag(input, "seed");
  const [endMs, stallMs] = [timeFlag(input, "for"), timeFlag(input, "stall")];
  const listen = input.text("listen");
  return {
    place: Object.fromEntries(input.texts("place").map(readPlace)),
    log: input.text("log") === "json" ? "json" : "text",
    ...(processes === undefined ? {} : { processes }),
    ...(seed === undefined ? {} : { seed }),
    ...(endMs === undefined ? {} : { endMs }),
    ...(stallMs === undefined ? {} : { stallMs }),
    ...(listen === undefined ? {} : { listen }),
  };
}

function timeFlag(input: CommandInput, flag: string): number | undefined {
  const text = input.text(flag);
  return text === undefined ? undefined : parseTime(text, flag);
}

function wholeFlag(input: CommandInput, flag: string): number | undefined {
  const text = input.text(flag);
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw usageError(`Cannot read flag --${flag}: "${text}" is no whole number, write one such as 4`);
}

function readPlace(text: string): readonly [string, number] {
  const [, node, member] = /^(.+)=(\d+)$/.exec(text) ?? [];
  if (node === undefined)
    throw usageError(`Cannot read flag --place: "${text}" names no node and process, write NODE=1`);
  return [node, Number(member)];
}

async function tellReady(app: ClockApp, input: CommandInput, terminal: Terminal): Promise<void> {
  const members = app.members();
  if (input.text("output") === "json") {
    await terminal.write(
      `${JSON.stringify({ event: "ready", pid: process.pid, addresses: app.addresses(), members })}\n`,
    );
    return;
  }
  const rows = members.map(({ member, pid, nodes }) => [String(member), String(pid), nodes.join(",")]);
  await terminal.write(`${table([["PROCESS", "PID", "NODES"], ...rows]).join("\n")}\n`);
  terminal.say("In another terminal: orrery clock status, step, run, pause, until, stop; Ctrl-C stops it");
}

interface Telling {
  readonly input: CommandInput;
  readonly terminal: Terminal;
  readonly isScenario: boolean;
  /** Process ids of the members, by number. */
  readonly pids: readonly number[];
}

async function tellResult(result: ClockResult, { input, terminal, isScenario, pids }: Telling): Promise<ExitCode> {
  const { isWhole, members, state, failure } = result;
  const busy = members.flatMap((member) => member.busy);
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify({ event: "ended", ...result })}\n`);
  else {
    const facts = members.map(({ member, nextMs, ...rest }) => {
      return { number: member, pid: pids[member] ?? 0, ...rest, ...(nextMs === undefined ? {} : { nextMs }) };
    });
    const { nextMs, ...rest } = result;
    await terminal.write(tellClock({ ...rest, ...(nextMs === undefined ? {} : { nextMs }), members: facts }, terminal));
    if (isScenario && nextMs === undefined && busy.length > 0)
      terminal.say(`Nothing is left to happen, and what ${busy.join(", ")} does has not ended`);
    if (!isWhole) terminal.say("The hash is of a part of the run: what a process had that is gone is missing");
  }
  const isStuck = isScenario && result.nextMs === undefined && busy.length > 0;
  return state === "failed" || failure !== "" || isStuck ? EXIT.failed : EXIT.done;
}
