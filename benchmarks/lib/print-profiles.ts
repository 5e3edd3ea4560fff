import type { Cell } from "./cells.ts";
import { NETWORK_CELLS } from "./cells.ts";
import { formatNumber } from "./format.ts";
import type { Options } from "./options.ts";
import { startPair } from "./pair.ts";
import type { ProfiledFunction } from "./profile.ts";
import { type Entry, NETWORK } from "./roster.ts";

const FUNCTIONS_SHOWN = 22;
const WINDOW_MS = 3000;

/** Prints, for each contestant and cell that was asked for, the functions that use the most CPU time. */
export async function printProfiles(options: Options, say: (line: string) => void): Promise<void> {
  for (const entry of options.entries) {
    const withServer = NETWORK.includes(entry);
    const cells = options.cells.filter((cell) => NETWORK_CELLS.includes(cell) === withServer);
    for (const cell of cells.filter((candidate) => entry.skips?.(candidate) !== true)) {
      process.stdout.write(await profileOf(entry, cell, withServer));
      say(`${entry.name} ${cell.name}: profiled`);
    }
  }
}

async function profileOf(entry: Entry, cell: Cell, withServer: boolean): Promise<string> {
  const pair = await startPair(entry, { withServer });
  try {
    await pair.measure(cell, WINDOW_MS / 2);
    const { calls, client, server } = await pair.profile(cell, WINDOW_MS);
    const head = `\n${entry.name} ${cell.name}: ${calls} calls under the profiler, ns of own time for each call\n`;
    return head + list(withServer ? "client" : "process", client) + (withServer ? list("server", server) : "");
  } finally {
    await pair.end();
  }
}

function list(side: string, functions: readonly ProfiledFunction[]): string {
  const sum = functions.reduce((total, { selfMicros }) => total + selfMicros, 0);
  const lines = functions.slice(0, FUNCTIONS_SHOWN).map(({ name, selfMicros }) => {
    const ns = formatNumber(selfMicros * 1000).padStart(8);
    return `  ${ns} ${((selfMicros / sum) * 100).toFixed(1).padStart(5)} %  ${name}\n`;
  });
  return `${side}, busy ${formatNumber(sum * 1000)} ns for each call\n${lines.join("")}`;
}
