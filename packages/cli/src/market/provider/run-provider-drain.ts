import { createSystemClock } from "@orrery/core";
import { askProvider, type Overview } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { isRunning, overviewJson } from "./overview-text.ts";
import { readProviderFile } from "./provider-file.ts";

/** How often a provider is asked how many pods run still, in ms. */
const LOOK_MS = 2_000;

/** Has a provider take no new pods and give notice, and waits until none runs. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const { data } = await readProviderFile(input, terminal);
  let overview = await askProvider(data, "drain");
  const end = new AbortController();
  const release = terminal.onInterrupt(() => end.abort());
  try {
    if (!input.has("no-wait")) overview = await waitForNone(data, overview, { terminal, signal: end.signal });
  } finally {
    terminal.progress("");
    release();
  }
  if (input.text("output") === "json") await terminal.write(overviewJson(overview));
  const left = runningOf(overview).length;
  terminal.say(
    left === 0
      ? "No pod runs. Money that is owed comes in as claims end: leave the provider up until its leases are settled"
      : `Notice is given; ${left} ${left === 1 ? "pod runs" : "pods run"} until service ends. Next: orrery provider drain`,
  );
  return EXIT.done;
}

async function waitForNone(
  data: string,
  first: Overview,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<Overview> {
  const clock = createSystemClock();
  let overview = first;
  while (runningOf(overview).length > 0 && !signal.aborted) {
    const names = runningOf(overview).map(({ name, stage }) => `${name} (${stage || "chain not known"})`);
    terminal.progress(
      `${names.length} of ${overview.pods.length} pods run until their service ends: ${names.slice(0, 3).join(", ")}`,
    );
    await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    if (!signal.aborted) overview = await askProvider(data, "status");
  }
  return overview;
}

function runningOf({ pods }: Overview) {
  return pods.filter(({ state }) => isRunning(state));
}
