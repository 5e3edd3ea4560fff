import { createSystemClock, isOrreryError } from "@orrery/core";
import type { Overview } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { createDrainNews, drainedText, leftOf, noticesOwed } from "./drain-text.ts";
import { type Operator, operatorOf } from "./operator.ts";
import { overviewJson } from "./overview-text.ts";

/** How often a provider is asked how many pods run still, in ms. */
const LOOK_MS = 1_000;

/** Has a provider take no new pods and give notice, and waits until none runs. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const operator = await operatorOf(input, terminal);
  const end = new AbortController();
  const release = terminal.onInterrupt(() => end.abort());
  const isOver = input.has("no-wait")
    ? (overview: Overview) => noticesOwed(overview).length === 0
    : (overview: Overview) => leftOf(overview).length === 0 && noticesOwed(overview).length === 0;
  try {
    const overview = await waitUntil(isOver, { operator, terminal, signal: end.signal });
    if (input.text("output") === "json") await terminal.write(overviewJson(overview));
    for (const line of drainedText(overview)) terminal.say(line);
  } finally {
    terminal.progress("");
    release();
  }
  return EXIT.done;
}

/** Looks again and again, and tells what became of pods. A provider that is not reached meanwhile, as one that starts anew, is waited for. */
async function waitUntil(
  isOver: (overview: Overview) => boolean,
  { operator, terminal, signal }: { operator: Operator; terminal: Terminal; signal: AbortSignal },
): Promise<Overview> {
  const clock = createSystemClock();
  const news = createDrainNews();
  let overview = await operator("drain");
  let isReached = true;
  for (;;) {
    for (const line of news.linesOf(overview)) terminal.say(line);
    if (signal.aborted || (isReached && isOver(overview))) return overview;
    terminal.progress(isReached ? news.progressOf(overview) : "The provider is not reached: it is waited for");
    await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    if (signal.aborted) return overview;
    const found = await operator("status").catch((error: unknown) => {
      if (isOrreryError(error) && error.code === "unavailable") return undefined;
      throw error;
    });
    isReached = found !== undefined;
    overview = found ?? overview;
    if (overview.intake !== "draining") return overview; // Somebody took it back.
  }
}
