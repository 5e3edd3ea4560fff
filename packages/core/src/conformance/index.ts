/** The suite that every transport passes, ours or not, and the bad medium that it makes out of a good one. */
export type { RawPeer, SeverableWay, TestFunction, TransportHarness } from "./harness.ts";
export type { JournalBounds, JournalHarness, JournalLife, JournalMedium } from "./journal-harness.ts";
export { createLossyTransport, type LossyOptions } from "./lossy-transport.ts";
export { createSeededRandom } from "./seeded-random.ts";
export { testJournal } from "./test-journal.ts";
export { testTransport } from "./test-transport.ts";
