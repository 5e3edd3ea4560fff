import { readFault, readTimedFault } from "../faults/fault-text.ts";
import { TICKS_PER_MS } from "../limits.ts";
import { callStacksOf, tellCallStacks } from "../view/call-stacks.ts";
import { recordingOf } from "../view/recording.ts";
import { writeTrace } from "../view/trace-file.ts";
import type { ModelWorld } from "../world/model-world.ts";
import type { LiveSession } from "./live-session.ts";
import { look } from "./look.ts";
import { assertFault } from "./names.ts";
import { readMs, readTarget, UNTIL_USAGE } from "./read-target.ts";
import { addMessageRule, addPointRule, FATES, POINT_USAGE, removeRules, type SessionRule, tellRule } from "./rules.ts";
import { tellRecords, tellTime } from "./tell.ts";
import { unfit } from "./unfit.ts";

/** What a command is given of its line. */
export interface CommandInput {
  readonly session: LiveSession;
  readonly line: string;
  /** Words behind the command. */
  readonly words: readonly string[];
  /** The same, as it was written. */
  readonly rest: string;
}

/** A command of a session. */
export interface SessionCommand {
  readonly usage: string;
  readonly summary: string;
  run(input: CommandInput): Promise<readonly string[]> | readonly string[];
}

/** Commands by name, in the order of the help. */
export type CommandTable = Readonly<Record<string, SessionCommand>>;

/** Lines that are told of what a command let happen. */
const STEP_LINES = 20;
const RUN_LINES = 5;

/** All that can be typed in a session. */
export const COMMANDS = {
  step: { usage: "step [N]", summary: "run the next event, or the next N", run: step },
  tick: { usage: "tick [N]", summary: "run all events of the next moment that has some, or of the next N", run: tick },
  until: {
    usage: UNTIL_USAGE.replaceAll("until ", "").replace(/^/, "until "),
    summary: "run up to a time or an event, before a message arrives, or once something has happened",
    run: ({ session, line, rest }) => session.go(line, readTarget(line, rest, session.world), RUN_LINES),
  },
  run: { usage: "run [TIME]", summary: "run for some time, or to the end", run },
  inject: {
    usage: "inject FAULT, or inject at TIME ms: FAULT",
    summary: "let something go wrong: crash store, partition a,b | c, cut a>b, slow store 5 ms, heal",
    run: inject,
  },
  hold: fate("hold", "hold messages until they are released"),
  drop: fate("drop", "lose messages"),
  duplicate: fate("duplicate", "let messages arrive twice"),
  delay: fate("delay", "let messages take longer"),
  point: { usage: POINT_USAGE, summary: "act on handlers that pass a named point", run: point },
  release: {
    usage: "release [FROM>TO [SERVICE.METHOD]]",
    summary: "end rules, and let go of what they hold: those of a link, or all",
    run: ({ session, line, rest }) => release(session, line, rest),
  },
  look: {
    usage: "look",
    summary: "show nodes, queues, messages on their way, and what comes next",
    run: ({ session }) => look(session.world, [...session.rules].map(tellRule)),
  },
  stack: {
    usage: "stack",
    summary: "show the calls that are under way, over all nodes, each with what it was called by",
    run: ({ session }) => stack(session),
  },
  trace: { usage: "trace [N]", summary: "show the last N lines of the trace (20)", run: trace },
  seed: { usage: "seed", summary: "show the seed and the hash of the trace", run: seed },
  back: { usage: "back [N]", summary: "go back by N events (1): the run is run anew up to there", run: back },
  undo: {
    usage: "undo",
    summary: "go back to before the last fault or rule",
    run: ({ session, line }) => session.undo(line),
  },
  save: {
    usage: "save NAME, or save NAME.trace",
    summary: "save what was done, as lines that do it again; or the trace",
    run: save,
  },
  help: { usage: "help", summary: "show this", run: help },
  quit: {
    usage: "quit",
    summary: "end the session",
    run: async ({ session }) => {
      session.isOver = true;
      return [];
    },
  },
} as const satisfies CommandTable;

function step({ session, line, words }: CommandInput): Promise<readonly string[]> {
  const events = session.world.events + countOf(line, words);
  return session.go(line, { isReached: () => session.world.events >= events }, STEP_LINES);
}

async function tick({ session, line, words }: CommandInput): Promise<readonly string[]> {
  const { scheduler } = session.world;
  const count = countOf(line, words);
  const ticks = new Set<number>();
  const isReached = () => {
    const { nextTick } = scheduler;
    if (nextTick !== undefined) ticks.add(nextTick);
    return ticks.size > count;
  };
  return await session.go(line, { isReached }, STEP_LINES);
}

function run({ session, line, rest }: CommandInput): Promise<readonly string[]> {
  if (rest === "") return session.go(line, {}, RUN_LINES);
  const ms = readMs(rest);
  if (ms === undefined) throw unfit(line, "write run, or run and a time such as 120 ms or 2s");
  return session.go(line, { tick: session.world.scheduler.tick + Math.round(ms * TICKS_PER_MS) }, RUN_LINES);
}

function inject({ session, line, rest }: CommandInput): readonly string[] {
  if (!rest.startsWith("at ")) {
    const fault = readFault(rest);
    return session.act(line, (world) => {
      assertFault(line, fault, world);
      world.inject(fault);
    });
  }
  const { atMs, fault } = readTimedFault(rest);
  return session.act(line, (world) => {
    assertFault(line, fault, world);
    world.at(atMs, fault);
  });
}

function fate(verb: string, summary: string): SessionCommand {
  const act = ({ session, line }: CommandInput) => {
    const words = line.split(/\s+/);
    return addRule(session, line, (world) => addMessageRule(line, words, world));
  };
  return { usage: FATES[verb] ?? verb, summary, run: act };
}

async function point({ session, line, words }: CommandInput): Promise<readonly string[]> {
  const [name = "", verb] = words;
  if (verb === "release") return release(session, line, `point ${name}`);
  if (name !== "" && verb !== undefined) await session.assertPoint(line, name);
  return addRule(session, line, (world) => addPointRule(line, ["point", ...words], world));
}

function release(session: LiveSession, line: string, about: string): readonly string[] {
  let ended = 0;
  const told = session.act(line, () => {
    ended = removeRules(line, about, session.rules);
  });
  return [`ended ${ended} rule${ended === 1 ? "" : "s"}`, ...told];
}

function addRule(session: LiveSession, line: string, add: (world: ModelWorld) => SessionRule): readonly string[] {
  session.act(line, (world) => void session.rules.add(add(world)));
  return [`from now on: ${line}`];
}

function trace({ session, line, words }: CommandInput): readonly string[] {
  const { world } = session;
  const told = tellRecords(world.trace.records, 1);
  return told.slice(-(words.length === 0 ? STEP_LINES : countOf(line, words)));
}

function stack(session: LiveSession): readonly string[] {
  const stacks = callStacksOf(recordingOf(session.world));
  return stacks.length === 0 ? ["no call is under way"] : tellCallStacks(stacks);
}

function seed({ session }: CommandInput): readonly string[] {
  const { world } = session;
  return [`seed ${world.seed}, at ${tellTime(world)} after ${world.events} events, trace ${world.trace.hash}`];
}

function back({ session, line, words }: CommandInput): Promise<readonly string[]> {
  return session.back(line, countOf(line, words));
}

async function save({ session, line, rest }: CommandInput): Promise<readonly string[]> {
  const { onSave } = session.options;
  if (rest === "") throw unfit(line, "write save and a name");
  if (onSave === undefined) throw unfit(line, "this session has no place to save to");
  const { world, scenario } = session;
  const isTrace = rest.endsWith(".trace");
  const title = `-- a session of "${scenario.name}", seed ${world.seed}`;
  await onSave(
    rest,
    isTrace ? writeTrace(recordingOf(world, { scenario: scenario.name })) : [title, ...session.script],
  );
  return [`saved ${isTrace ? "the trace" : "the session"} in ${rest}`];
}

function help(): readonly string[] {
  const table: readonly SessionCommand[] = Object.values(COMMANDS);
  return table.flatMap(({ usage, summary }) =>
    usage.length < USAGE_WIDTH
      ? [`${usage.padEnd(USAGE_WIDTH)}${summary}`]
      : [usage, `${" ".repeat(USAGE_WIDTH)}${summary}`],
  );
}

const USAGE_WIDTH = 14;

function countOf(line: string, [word = "1", ...rest]: readonly string[]): number {
  const count = Number(word);
  if (rest.length === 0 && Number.isSafeInteger(count) && count >= 1) return count;
  throw unfit(line, `"${[word, ...rest].join(" ")}" is no number of times, write a whole number from 1`);
}
