import { mkdtempSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Digest, type LedgerFile, type Meter, openLedgerFile, openMeter } from "@orrery/market";

/** Time between two looks at a pod, in seconds. */
const PERIOD_S = 15;

/** Looks at once, as a provider's keepers do. */
const AT_ONCE = 16;

const PRICES = { cpu: 1_543n, memory: 7n, egress: 40n };
const RESERVED = { cpu: 2_000n, memory: 512n };

/** A machine full of pods, each with a ledger in a file of its own. */
export interface Metering {
  readonly pods: number;
  readonly periodS: number;
  /** Looks once at each pod: a line is made, written and synced. */
  look(): Promise<number>;
  /** Writes and syncs a line of the same length for each pod, and nothing else. */
  write(): Promise<number>;
  close(): Promise<void>;
}

/** Opens the ledgers of so many pods. */
export async function openMetering(pods: number): Promise<Metering> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-bench-"));
  let nowMs = 0;
  const clock = { monotonic: () => nowMs };
  const all: { readonly file: LedgerFile; readonly meter: Meter; readonly bare: FileHandle }[] = [];
  for (let pod = 0; pod < pods; pod++) {
    const lease: Digest = `0x${pod.toString(16).padStart(64, "0")}`;
    const file = await openLedgerFile(join(folder, `${pod}.ledger`));
    const meter = await openMeter({ lease, prices: PRICES, clock, store: file });
    await meter.look({ reserved: RESERVED, used: {}, chainTime: 2_000_000_000 });
    all.push({ file, meter, bare: await open(join(folder, `${pod}.bare`), "a", 0o600) });
  }
  const line = Buffer.from(`${"x".repeat(330)}\n`);
  const each = async (act: (one: (typeof all)[number]) => Promise<unknown>) => {
    let next = 0;
    const work = async () => {
      for (let one = all[next++]; one !== undefined; one = all[next++]) await act(one);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return pods;
  };
  return {
    ...{ pods, periodS: PERIOD_S },
    look: () => {
      nowMs += PERIOD_S * 1_000;
      const chainTime = 2_000_000_000 + nowMs / 1_000;
      return each(({ meter }) => meter.look({ reserved: RESERVED, used: { egress: 9n }, chainTime }));
    },
    write: () =>
      each(async ({ bare }) => {
        await bare.appendFile(line);
        await bare.sync();
      }),
    close: async () => {
      for (const { file, bare } of all) await Promise.all([file.close(), bare.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
