import { createBench } from "./bench.ts";
import { CALL_CASES } from "./call-cases.ts";
import type { ConformanceCase } from "./case.ts";
import { CONTROL_CASES } from "./control-cases.ts";
import type { TransportHarness } from "./harness.ts";
import { LIAR_CASES } from "./liar-cases.ts";
import { LINK_CASES } from "./link-cases.ts";
import { LOSS_CASES } from "./loss-cases.ts";
import { MESSAGE_CASES } from "./message-cases.ts";
import { ONE_WAY_CASES } from "./one-way-cases.ts";
import { STOP_CASES } from "./stop-cases.ts";
import { STREAM_CASES } from "./stream-cases.ts";

/** Longest time that one case may take, in ms. */
const CASE_MS_MAX = 20_000;

/** Every case of the suite, in the order in which they run. */
const CONFORMANCE_CASES: readonly ConformanceCase[] = [
  ...LINK_CASES,
  ...MESSAGE_CASES,
  ...CALL_CASES,
  ...ONE_WAY_CASES,
  ...STREAM_CASES,
  ...CONTROL_CASES,
  ...STOP_CASES,
  ...LIAR_CASES,
  ...LOSS_CASES,
];

/**
 * Registers a test for every promise that a transport makes, alone and below nodes. `name` begins each test's name. A transport that
 * passes may be handed to `createNode`.
 * @example
 * testTransport("createMemoryHub", {
 *   test,
 *   createTransport: () => hub.transport(),
 *   freeAddress: () => "memory://*",
 *   badAddresses: ["memory:", "tcp://a:1"],
 * });
 */
export function testTransport(name: string, harness: TransportHarness): void {
  for (const { name: promise, skip, run } of CONFORMANCE_CASES) {
    const options = { skip: skip?.(harness) ?? false, timeout: CASE_MS_MAX } as const;
    harness.test(`${name} ${promise}`, options, async () => {
      const bench = createBench(harness);
      try {
        await run(bench);
      } finally {
        await bench.close();
      }
    });
  }
}
