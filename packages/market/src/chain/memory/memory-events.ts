import type { LeaseState } from "../../lease/lease-state.ts";
import type { Account, Digest } from "../../lease/terms.ts";
import type { ChainCall } from "../calls.ts";
import { type ChainEvent, type EventName, eventOf } from "../events.ts";

/** What a call changed. */
export interface Change {
  readonly from: Account;
  readonly lease?: Digest;
  readonly before?: LeaseState;
  readonly after?: LeaseState;
  /** What came to the free stake of the provider. */
  readonly gained?: bigint;
}

/** What the contract tells of a call that went through. */
export function eventsOf(call: ChainCall, { from, lease, before, after, gained = 0n }: Change): readonly ChainEvent[] {
  const tell = (name: EventName, fields: object = {}) =>
    eventOf(name, lease === undefined ? { ...fields } : { lease, ...fields });
  if (call.kind === "register") return [tell("Registered", { provider: from, url: call.url, profile: call.profile })];
  if (call.kind === "unregister") return [tell("Unregistered", { provider: from })];
  if (!("terms" in call) || before === undefined || after === undefined) return [];
  const { deposit, paid, payableAt, endsAt, settlesAt, lastBeat, answerBy } = after;
  const pays = paid > before.paid ? [tell("Paid", { total: paid })] : [];
  switch (call.kind) {
    case "open": {
      const { provider } = call.terms;
      return [tell("Opened", { provider, publisher: from, payer: call.payer, deposit, terms: call.terms })];
    }
    case "start":
      return [tell("Started", { session: call.session })];
    case "cancel":
      return [tell("Cancelled", { by: from })];
    case "fund":
      return [tell("Funded", { by: from, deposit })];
    case "show":
      return [shown(tell, call)];
    case "propose":
      return [shown(tell, call), tell("Proposed", { total: call.total, payableAt })];
    case "answer":
      return [shown(tell, call), tell("Answered")];
    case "redeem":
    case "collect":
      return pays;
    case "challenge":
      return [tell("Challenged", { challenger: from, answerBy })];
    case "fail":
      return [tell("Failed", { lastBeat, settlesAt })];
    case "comeBack":
      return [tell("Returned")];
    case "close":
      return [tell("Noticed", { by: from, endsAt, settlesAt })];
    case "drain":
      return [tell("Drained", { endsAt, settlesAt })];
    case "rest":
      return [tell("Resting", { from: call.from, to: call.to })];
    case "reportDark":
      return [tell("Dark", { from: call.from, to: call.to })];
    default: // It is "settle": the others have no terms.
      return [tell("Settled", { earned: paid, refunded: deposit - paid, forfeited: call.terms.bond - gained })];
  }
}

type Tell = (name: EventName, fields?: object) => ChainEvent;

function shown(tell: Tell, { beat }: Extract<ChainCall, { beat: unknown }>): ChainEvent {
  const { madeAt, covered, meter, volume } = beat;
  return tell("Shown", { madeAt, covered, meter, volume: BigInt(volume) });
}
