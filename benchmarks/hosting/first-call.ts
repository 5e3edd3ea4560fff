import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { firstLine, type OpenedPlatform } from "../lib/open-platform.ts";
import { median } from "../lib/statistics.ts";
import { ask } from "./gateway.ts";

/** Times in ms, and their ratio by rounds. */
export interface FirstCallResult {
  /** A process that serves the handler on the bare library, from its start to its first answer. */
  readonly bareMs: number;
  /** `orrery run` of an app that is there unchanged, from the command's start to the first answer behind the gateway. */
  readonly runMs: number;
  readonly ratio: number;
}

/** Sends an app that did not change, and starts a bare process, in turn; each is asked until it answers. */
export async function measureFirstCall(
  { web, type }: OpenedPlatform,
  { host, rounds }: { host: string; rounds: number },
): Promise<FirstCallResult> {
  const run = async () => {
    await type("run", "app", `--space=${host}`, "--name=app", "--wait");
    await ask(web, host);
  };
  const bare = async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "bare.ts")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await ask((await firstLine(child))["web"] ?? "", host);
    child.kill("SIGKILL");
    await once(child, "close");
  };
  const times = { run: [] as number[], bare: [] as number[] };
  for (let round = 0; round <= rounds; round++)
    for (const name of round % 2 === 0 ? (["run", "bare"] as const) : (["bare", "run"] as const)) {
      const before = performance.now();
      await (name === "run" ? run() : bare());
      if (round > 0) times[name].push(performance.now() - before); // The first one warms.
    }
  const ratio = median(times.run.map((one, round) => one / (times.bare[round] ?? 1)));
  return { bareMs: median(times.bare), runMs: median(times.run), ratio };
}
