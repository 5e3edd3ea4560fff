import { OrreryError } from "@orrery/core";
import type { Shown } from "../chain/calls.ts";
import type { LeaseSource } from "../keeper/lease-follower.ts";
import type { Digest } from "../lease/terms.ts";
import { parseEntry } from "../meter/ledger-lines.ts";
import { ANSWER_TIMEOUT_MS } from "./limits.ts";
import type { ProviderDoor } from "./system-provider-door.ts";

/** After this number no ledger has lines: what is asked for is the beat alone. */
const AFTER_ALL = BigInt(Number.MAX_SAFE_INTEGER);

/** What a provider shows of a lease, over its service. The door is opened when it is needed, and anew after a call that failed. */
export interface ProviderSource extends LeaseSource, Disposable {}

/** Makes one. @param open opens the door of the provider that the lease is with */
export function createProviderSource(lease: Digest, open: () => Promise<ProviderDoor>): ProviderSource {
  let opened: ProviderDoor | undefined;
  const close = () => {
    opened?.[Symbol.dispose]();
    opened = undefined;
  };
  const ask = async <T>(what: (calls: ProviderDoor["calls"]) => Promise<T>): Promise<T> => {
    try {
      opened ??= await open();
      return await what(opened.calls);
    } catch (error) {
      close();
      throw error;
    }
  };
  const options = { timeoutMs: ANSWER_TIMEOUT_MS };
  return {
    beat: async () => {
      const { beat } = await ask((calls) => calls.readLedger({ lease, after: AFTER_ALL }, options));
      return beat === "" ? undefined : parseShown(beat);
    },
    linesAfter: async (number) => {
      const { lines } = await ask((calls) => calls.readLedger({ lease, after: BigInt(number) }, options));
      return lines.map((line, at) => parseEntry(line, number + 1 + at));
    },
    vouch: async ({ total, upTo, signature }) => {
      const voucher = { lease, total: String(total), upTo: BigInt(upTo), signature };
      return parseTotal((await ask((calls) => calls.vouch(voucher, options))).total);
    },
    [Symbol.dispose]: close,
  };
}

const TIMES = ["madeAt", "covered", "blockNumber", "volume"] as const;
const DIGESTS = ["lease", "blockHash", "meter"] as const;

/** Reads a beat as a provider writes it. Whether it is true is for whoever takes it. @throws OrreryError `data_loss` for what is none */
export function parseShown(text: string): Shown {
  try {
    const { beat, signature } = JSON.parse(text) as {
      readonly beat: Record<string, unknown>;
      readonly signature: string;
    };
    const isBeat =
      TIMES.every((name) => Number.isSafeInteger(beat[name]) && Number(beat[name]) >= 0) &&
      DIGESTS.every((name) => /^0x[0-9a-f]{64}$/.test(String(beat[name])));
    if (isBeat && /^0x([0-9a-f]{2}){1,1024}$/.test(signature)) return { beat, signature } as unknown as Shown;
  } catch {
    // It is no JSON: told below.
  }
  throw new OrreryError("data_loss", `Cannot read a beat of "${text.slice(0, 80)}": it is none`);
}

function parseTotal(said: string): bigint {
  if (/^(0|[1-9]\d{0,38})$/.test(said)) return BigInt(said);
  throw new OrreryError(
    "data_loss",
    `Cannot read the total "${said.slice(0, 80)}" that a provider holds: it is no amount`,
  );
}
