import type { LeaseChain } from "../chain/lease-chain.ts";
import { readQuote } from "../quote/quote-json.ts";
import type { LeaseRecord, LeaseRecords } from "./lease-record.ts";
import { readLease, sendOrThrow } from "./money.ts";

/** What the end of a lease works with. */
export interface EndWorld {
  readonly chain: LeaseChain;
  readonly records: LeaseRecords;
  /** Has the key service, where there is one, give the pod of a lease no keys any more. */
  readonly disallow: (record: LeaseRecord) => Promise<void>;
  /** Told what is done. */
  readonly onStep: (step: string) => void;
}

/** Ends a lease: at once where nothing runs by it yet, else by notice. @returns when it can be settled, seconds since 1970; 0 where it is over */
export async function endLease(record: LeaseRecord, world: EndWorld): Promise<number> {
  const { chain, records } = world;
  const { terms } = readQuote(record.quote);
  const before = await readLease(chain, record.lease);
  if (before.stage === "Open") await sendOrThrow(chain, { kind: "cancel", terms });
  const isLater = before.stage === "Closing" && before.at + terms.publisherNotice < before.settlesAt;
  if (before.stage === "Active" || isLater) await sendOrThrow(chain, { kind: "close", terms });
  const left = await leaveKeys(record, world);
  const { stage, settlesAt } = await readLease(chain, record.lease);
  const isOver = stage === "Settled" || stage === "None";
  if (isOver) await records.put({ ...left, step: "ended" });
  return isOver ? 0 : settlesAt;
}

/** Settles a lease that is over; a challenge that was not answered is told first. @returns as `endLease` */
export async function settleLease(record: LeaseRecord, world: EndWorld): Promise<number> {
  const { chain } = world;
  const { terms } = readQuote(record.quote);
  const { answerBy, at, stage } = await readLease(chain, record.lease);
  if (stage !== "Defaulted" && answerBy !== 0 && at > answerBy) {
    await sendOrThrow(chain, { kind: "fail", terms });
    const { settlesAt } = await readLease(chain, record.lease);
    if (settlesAt > at) return settlesAt;
  }
  if (stage !== "Settled") await sendOrThrow(chain, { kind: "settle", terms });
  await markEnded(record, world);
  return 0;
}

/** Writes down that a lease is over, whose pod is given keys no more. */
export async function markEnded(record: LeaseRecord, world: Omit<EndWorld, "chain">): Promise<LeaseRecord> {
  const ended: LeaseRecord = { ...record, step: "ended" };
  await world.records.put(ended);
  return await leaveKeys(ended, world);
}

/**
 * Has the key service give the pod of a lease no keys from now on. What runs has those that came with its deployment, also where its provider starts anew.
 * A service that is not reached holds nothing up: that is told, and what it has is put right with the next deployment of that pod.
 */
export async function leaveKeys(
  record: LeaseRecord,
  { records, disallow, onStep }: Omit<EndWorld, "chain">,
): Promise<LeaseRecord> {
  if (record.withoutKeys === true) return record;
  try {
    await disallow(record);
  } catch (error) {
    const why = (error as Error).message;
    onStep(
      `the key service gives keys to pod "${record.pod}" of this lease still: ${why}; orrery key revoke ${record.pod} ends that`,
    );
    return record;
  }
  const left: LeaseRecord = { ...record, withoutKeys: true };
  await records.put(left);
  return left;
}
