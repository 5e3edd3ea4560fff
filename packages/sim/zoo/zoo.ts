import { aba } from "./aba.ts";
import { acknowledgedBeforeSync } from "./acknowledged-before-sync.ts";
import { blindBroadcast } from "./blind-broadcast.ts";
import { clockSkewLease } from "./clock-skew-lease.ts";
import { configSkew } from "./config-skew.ts";
import { deadlock } from "./deadlock.ts";
import { dirtyRead } from "./dirty-read.ts";
import { doubleSpend } from "./double-spend.ts";
import { droppedAtShutdown } from "./dropped-at-shutdown.ts";
import { duplicateDelivery } from "./duplicate-delivery.ts";
import { equalRanks } from "./equal-ranks.ts";
import { leaseWithoutFencing } from "./lease-without-fencing.ts";
import { livelock } from "./livelock.ts";
import { lostUpdate } from "./lost-update.ts";
import { lostWakeUp } from "./lost-wake-up.ts";
import { phantomTimeout } from "./phantom-timeout.ts";
import type { Bug } from "./plant.ts";
import { readYourWrites } from "./read-your-writes.ts";
import { reorderAcrossReconnect } from "./reorder-across-reconnect.ts";
import { retryWithoutIdempotency } from "./retry-without-idempotency.ts";
import { reusedNumber } from "./reused-number.ts";
import { splitBrain } from "./split-brain.ts";
import { staleCacheFill } from "./stale-cache-fill.ts";
import { staleReadAfterFailover } from "./stale-read-after-failover.ts";
import { subFlowOrphan } from "./sub-flow-orphan.ts";
import { tornUpdate } from "./torn-update.ts";
import { unboundedQueue } from "./unbounded-queue.ts";
import { wallClockLimit } from "./wall-clock-limit.ts";
import { writeSkew } from "./write-skew.ts";

/** All planted bugs. */
export const ZOO: readonly Bug[] = [
  lostUpdate,
  doubleSpend,
  staleReadAfterFailover,
  leaseWithoutFencing,
  retryWithoutIdempotency,
  lostWakeUp,
  reorderAcrossReconnect,
  aba,
  clockSkewLease,
  readYourWrites,
  subFlowOrphan,
  deadlock,
  unboundedQueue,
  acknowledgedBeforeSync,
  tornUpdate,
  dirtyRead,
  phantomTimeout,
  wallClockLimit,
  staleCacheFill,
  splitBrain,
  duplicateDelivery,
  droppedAtShutdown,
  configSkew,
  reusedNumber,
  livelock,
  equalRanks,
  blindBroadcast,
  writeSkew,
];
