import type { OrreryError } from "@orrery/core";
import type { CommandInput, Handler } from "../../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../../command-error.ts";
import { table } from "../../table.ts";
import type { Terminal } from "../../terminal.ts";
import { type BenchPlace, findMarket } from "../market-file.ts";
import { askBench, type BenchStatus } from "./bench-client.ts";
import { endLeftBench } from "./open-bench.ts";

const SECONDS = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** What does commands about a bench that runs. */
export const handlers = {
  down: about(async (bench, { input, terminal }) => {
    const isGone = await askBench(bench, "down").then(
      () => false,
      (error: OrreryError) => {
        if (error.code === "unavailable") return true;
        throw error;
      },
    );
    if (isGone) await endLeftBench(findMarket(input, terminal).folder);
    terminal.say(isGone ? "The bench had ended; what it left running ended too" : "The bench ends");
    return {};
  }),
  status: about(async (bench, context) => await tellStatus(await askBench(bench, "status"), context)),
  kill: about(async (bench, context) => {
    const { input } = context;
    return await tellStatus(await askBench(bench, "kill", { name: input.words[0], dark: input.has("dark") }), context);
  }),
  start: about(async (bench, context) =>
    tellStatus(await askBench(bench, "start", { name: context.input.words[0] }), context),
  ),
  clock: about(async (bench, { input, terminal, isJson }) => {
    const seconds = secondsOf(input.words[0]);
    if (seconds > 0 && !isJson) terminal.progress(`Moving the clock by ${seconds} s`);
    const { nowMs } = await askBench(bench, "clock", { seconds });
    terminal.progress("");
    const now = new Date(nowMs).toISOString();
    if (!isJson) await terminal.write(`${now}\n`);
    return { now, nowMs, movedS: seconds };
  }),
} as const satisfies Readonly<Record<string, Handler>>;

interface DevContext {
  readonly input: CommandInput;
  readonly terminal: Terminal;
  readonly isJson: boolean;
}

function about(work: (bench: BenchPlace, context: DevContext) => Promise<object>): Handler {
  return async (input, terminal): Promise<ExitCode> => {
    const { bench, file } = findMarket(input, terminal);
    if (bench === undefined) throw new CommandError(`Cannot ask a bench: "${file}" is of a market that is none`);
    const isJson = input.text("output") === "json";
    const facts = await work(bench, { input, terminal, isJson });
    if (isJson) await terminal.write(`${JSON.stringify(facts)}\n`);
    return EXIT.done;
  };
}

async function tellStatus(status: BenchStatus, { terminal, isJson }: DevContext): Promise<object> {
  const rows = status.providers.map(({ name, state, url, gateway }) => [name, state, url, gateway]);
  const lines = [
    `It is ${new Date(status.nowMs).toISOString()}${status.isLive ? ", and time passes" : ""}`,
    ...table([
      ["artifacts are stored at", status.store],
      ["their keys are kept at", status.keyService],
    ]),
    ...table([["PROVIDER", "STATE", "URL", "GATEWAY"], ...rows]),
  ];
  if (!isJson) await terminal.write(`${lines.join("\n")}\n`);
  return { ...status, now: new Date(status.nowMs).toISOString() };
}

/** Reads `+3600`, `+90m`. @throws CommandError for anything else */
function secondsOf(said: string | undefined): number {
  if (said === undefined) return 0;
  const [, count, unit = ""] = /^\+(\d{1,9})([smhd]?)$/.exec(said) ?? [];
  if (count === undefined)
    throw usageError(`Cannot move the clock by "${said}": write + and seconds, or a time such as +90m, +2h or +1d`);
  return Number(count) * SECONDS[unit as keyof typeof SECONDS];
}
