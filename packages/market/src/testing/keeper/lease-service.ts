import { defineComponent, defineService, json } from "@orrery/core";
import type { Shown } from "../../chain/calls.ts";
import type { LeaseSource } from "../../keeper/lease-follower.ts";
import type { LeaseKeeper } from "../../keeper/lease-keeper.ts";
import { parseRecord, printRecord } from "../../keeper/record-text.ts";
import { parseEntry, printEntry } from "../../meter/ledger-lines.ts";
import type { SignedVoucher } from "../../meter/vouchers.ts";

/** What a provider of a world does for a publisher, as texts. */
export const LeaseService = defineService("lease", {
  lines: { request: json<{ after: number }>(), reply: json<{ lines: readonly string[] }>() },
  beat: { request: json<Record<string, never>>(), reply: json<{ beat: string }>() },
  vouch: { request: json<{ voucher: string }>(), reply: json<{ total: string }>() },
});

/** What answers: a keeper, or what lies for it. */
export type Answers = Pick<LeaseKeeper, "linesAfter" | "beat" | "take">;

/** Serves what somebody answers; nothing while nobody does. */
export function leaseComponent(answers: () => Answers | undefined) {
  const ask = () => {
    const who = answers();
    if (who === undefined) throw new Error("nobody keeps this lease now");
    return who;
  };
  return defineComponent(LeaseService, () => ({
    lines: async ({ after }) => ({ lines: (await ask().linesAfter(after)).map(printEntry) }),
    beat: async () => {
      const shown = ask().beat();
      return { beat: shown === undefined ? "" : printRecord(shown) };
    },
    vouch: async ({ voucher }) => ({
      total: String(await ask().take(parseRecord<SignedVoucher>(voucher, "a voucher"))),
    }),
  }));
}

/** What a publisher calls. */
export interface LeaseClient {
  lines(request: { after: number }): Promise<{ lines: readonly string[] }>;
  beat(request: Record<string, never>): Promise<{ beat: string }>;
  vouch(request: { voucher: string }): Promise<{ total: string }>;
}

/** The provider over the network of the world. */
export function leaseSource(client: LeaseClient): LeaseSource {
  return {
    linesAfter: async (after) => (await client.lines({ after })).lines.map((line, at) => parseEntry(line, at + 1)),
    beat: async () => {
      const { beat } = await client.beat({});
      return beat === "" ? undefined : parseRecord<Shown>(beat, "a beat");
    },
    vouch: async (voucher) => BigInt((await client.vouch({ voucher: printRecord(voucher) })).total),
  };
}
