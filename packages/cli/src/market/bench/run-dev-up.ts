import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import type { CommandInput } from "../../command.ts";
import { CommandError, EXIT, type ExitCode, typed, usageError } from "../../command-error.ts";
import { commandLine } from "../../command-line.ts";
import { table } from "../../table.ts";
import type { Terminal } from "../../terminal.ts";
import { twoInterrupts } from "../../two-interrupts.ts";
import { BENCH_FOLDER } from "../market-file.ts";
import { BENCH_LOG, type Bench, openBench } from "./open-bench.ts";

/** Runs a bench until somebody ends it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, input.text("folder") ?? BENCH_FOLDER);
  const providers = countOf(input.text("providers") ?? "1");
  if (input.has("detach")) return await runOn(folder, { input, terminal });
  const isJson = input.text("output") === "json";
  const clock = createSystemClock();
  const fromMs = clock.monotonic();
  const { asked, forced } = twoInterrupts(terminal);
  const opening = typed(() =>
    openBench({
      ...{ folder, providers, isRegistered: !input.has("no-registry"), isLive: input.has("live") },
      ...{ real: clock, random: createSystemRandom() },
      onStep: (step) => terminal.progress(`${step[0]?.toUpperCase()}${step.slice(1)}`),
      log: (line) => terminal.say(line),
    }),
  );
  const bench = await Promise.race([opening, forced]);
  if (bench === undefined) return EXIT.failed;
  terminal.progress("");
  const shown = relative(terminal.cwd, folder) || ".";
  const tookMs = clock.monotonic() - fromMs;
  await terminal.write(isJson ? readyLine(bench, { folder, tookMs }) : readyText(bench, { shown, tookMs }));
  if (!isJson) terminal.say(`Try: ${commandLine(terminal, ["balance"])}`);
  await Promise.race([asked, bench.ended]);
  terminal.say("Ending the bench");
  const ended = bench[Symbol.asyncDispose]().then(() => EXIT.done);
  return (await Promise.race([ended, forced])) ?? EXIT.failed;
}

function readyLine({ market, account, status }: Bench, { folder, tookMs }: { folder: string; tookMs: number }): string {
  const { chain } = market;
  const facts = { event: "ready", pid: process.pid, folder, chain, account, ...status(), tookMs: Math.round(tookMs) };
  return `${JSON.stringify(facts)}\n`;
}

function readyText({ market, account, status }: Bench, { shown, tookMs }: { shown: string; tookMs: number }): string {
  const { chain } = market;
  const rows = [
    ["chain", chain.url, `number ${chain.chainId}, with a token of no worth`],
    ["wallet", account, "pays where none is named"],
    ["keys", status().keyService, "keeps keys of images and secrets"],
    ...status().providers.map(({ name, url, gateway }) => [name, url, `pods answer at ${gateway}`]),
  ];
  return [
    `Bench is up on ${shown}, process ${process.pid}; its evidence proves nothing`,
    ...table(rows, 2),
    `Ready in ${(tookMs / 1_000).toFixed(1)} s. Time ${status().isLive ? "passes as on this machine" : "stands still until orrery dev clock moves it"}`,
    "",
  ].join("\n");
}

function countOf(said: string): number {
  if (/^\d{1,3}$/.test(said)) return Number(said);
  throw usageError(`Cannot read flag --providers: "${said}" is no count, write a whole number`);
}

/** Starts the same in the background, and waits until it is ready. What it says is in its log. */
async function runOn(
  folder: string,
  { input, terminal }: { readonly input: CommandInput; readonly terminal: Terminal },
): Promise<ExitCode> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const log = join(folder, BENCH_LOG);
  const file = openSync(log, "a", 0o600);
  const flags = [
    `--folder=${folder}`,
    `--providers=${input.text("providers") ?? "1"}`,
    ...["no-registry", "live"].filter((name) => input.has(name)).map((name) => `--${name}`),
    "--output=json",
  ];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? "", "dev", "up", ...flags], {
    ...{ cwd: terminal.cwd, detached: true, stdio: ["ignore", "pipe", file] },
  });
  let said = "";
  for await (const piece of child.stdout ?? []) {
    said += String(piece);
    if (said.includes("\n")) break;
  }
  if (!said.includes("\n"))
    throw new CommandError(`Cannot start the bench: it ended, see "${relative(terminal.cwd, log)}"`);
  child.unref();
  const ready = said.slice(0, said.indexOf("\n") + 1);
  const { pid } = JSON.parse(ready) as { pid: number };
  await terminal.write(
    input.text("output") === "json" ? ready : `Bench is up on ${relative(terminal.cwd, folder)}, process ${pid}\n`,
  );
  terminal.say(`orrery dev down ends it; what it says is in ${relative(terminal.cwd, log)}`);
  return EXIT.done;
}
