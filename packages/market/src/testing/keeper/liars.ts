import type { Draw } from "@orrery/sim";
import type { ChainCall, Shown } from "../../chain/calls.ts";
import type { Terms } from "../../lease/terms.ts";
import { leaseName } from "../../lease/typed-data.ts";
import { append, type Entry, emptyHead, verify } from "../../meter/ledger.ts";
import type { SignedVoucher } from "../../meter/vouchers.ts";
import { PRICES, WHO } from "./lease-scene.ts";
import type { Answers } from "./lease-service.ts";
import { signatureOf } from "./world-signatures.ts";

/** What a liar remembers, to say it again. */
export interface Loot {
  /** Lines of service without end, for a publisher who pays for lines alone: the pod need not run for them. */
  readonly cooked: Entry[];
  readonly beats: Shown[];
  readonly vouchers: SignedVoucher[];
}

/** A call that a provider makes against the rules: more than was served, what is old, what nobody signed. */
export function lyingCall(terms: Terms, loot: Loot, draw: Draw): ChainCall | undefined {
  const shown = loot.beats.length === 0 ? undefined : draw.oneOf(loot.beats);
  const voucher = loot.vouchers.length === 0 ? undefined : draw.oneOf(loot.vouchers);
  switch (draw.integer(8)) {
    case 0:
      return shown && { kind: "propose", terms, total: BigInt(1 + draw.integer(20_000)), ...shown };
    case 1:
      return (
        shown && { kind: "propose", terms, total: 2n * BigInt(shown.beat.covered) + BigInt(draw.integer(3)), ...shown }
      );
    case 2:
      return shown && { kind: draw.oneOf(["show", "answer", "comeBack"] as const), terms, ...shown };
    case 3: {
      if (shown === undefined) return undefined;
      const beat = { ...shown.beat, covered: shown.beat.covered + 500, madeAt: shown.beat.madeAt + draw.integer(600) };
      const by = draw.oneOf([WHO.provider, WHO.session]);
      return {
        kind: "show",
        terms,
        beat,
        signature: by === WHO.session ? shown.signature : signatureOf(by, "Beat", beat),
      };
    }
    case 4:
      return voucher && { kind: "redeem", terms, ...voucher, total: voucher.total + 1_000n };
    case 5:
      return voucher && { kind: "redeem", terms, ...voucher };
    case 6:
      return { kind: draw.oneOf(["drain", "settle", "collect", "fail"] as const), terms };
    default: {
      const made = { lease: leaseName(terms), total: 5_000n, upTo: terms.expires };
      return { kind: "redeem", terms, ...made, signature: signatureOf(WHO.provider, "Voucher", made) };
    }
  }
}

/** What a provider shows against the rules: lines with more, from before, without some; an old beat; one that nobody signed. */
export function lyingAnswers(
  inner: Answers,
  options: { readonly terms: Terms; readonly loot: Loot; readonly draw: Draw; readonly cooks?: Cooking | undefined },
): Answers {
  const { terms, loot, draw, cooks } = options;
  return {
    linesAfter: async (number) => {
      if (cooks !== undefined) return cook(terms, loot, cooks).slice(number);
      const lines = await inner.linesAfter(number);
      switch (draw.integer(6)) {
        case 0:
          return lines.map((line) => ({ ...line, reserved: { cpu: 5n } }));
        case 1:
          return lines.filter(() => !draw.chance(0.2));
        case 2:
          return madeUp(terms, lines, 40);
        case 3:
          return madeUp(
            terms,
            lines.map((line) => ({ ...line, from: line.from - 300 })),
            0,
          );
        default:
          return lines;
      }
    },
    beat: () => {
      const beat = inner.beat();
      if (beat !== undefined && loot.beats.length < 200) loot.beats.push(beat);
      if (beat === undefined) return undefined;
      const old = draw.oneOf(loot.beats);
      const later = { ...beat.beat, covered: beat.beat.covered + 100, madeAt: beat.beat.madeAt + 50 };
      switch (draw.integer(6)) {
        case 0:
          return old;
        case 1:
          return { beat: later, signature: beat.signature };
        case 2:
          return { beat: later, signature: signatureOf(WHO.provider, "Beat", later) };
        default:
          return beat;
      }
    },
    take: async (voucher) => {
      if (loot.vouchers.length < 200) loot.vouchers.push(voucher);
      return draw.chance(0.3) ? 0n : await inner.take(voucher);
    },
  };
}

/** Of which time lines are made up, seconds since 1970. */
export interface Cooking {
  readonly from: number;
  readonly to: number;
}

/** Lines of service without a gap up to now, whatever was served; those that were shown stay. */
function cook(terms: Terms, { cooked }: Loot, { from, to }: Cooking): readonly Entry[] {
  let head = verify(emptyHead(leaseName(terms)), cooked, PRICES);
  for (let at = Math.max(from, head.to); at + 30 <= to; at += 30) {
    const next = append(head, { from: at, to: at + 30, reserved: { cpu: 1n }, used: {} }, PRICES);
    cooked.push(next.entry);
    head = next.head;
  }
  return cooked;
}

/** Lines that are a chain, of what was not: more was held, or it was served when it was not. */
function madeUp(terms: Terms, lines: readonly Entry[], more: number): readonly Entry[] {
  let head = emptyHead(leaseName(terms));
  const made: Entry[] = [];
  for (const { from, to } of lines) {
    if (from < head.to || from >= to + more) continue;
    const next = append(head, { from, to: to + more, reserved: { cpu: 3n }, used: {} }, PRICES);
    made.push(next.entry);
    head = next.head;
  }
  return made;
}
