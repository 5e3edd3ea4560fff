import type { Journal } from "../journal.ts";
import type { TestFunction } from "./harness.ts";

/** Bounds that a case asks for; a journal may have others beside them. */
export interface JournalBounds {
  readonly entriesMax?: number;
  readonly bytesMax?: number;
  readonly segmentBytes?: number;
  readonly spentBytesMax?: number;
}

/** One life of a journal. */
export interface JournalLife {
  readonly journal: Journal;
  /** Ends the process: what is under way never ends, and the medium is as the process left it. */
  crash(): Promise<void> | void;
}

/** A medium of one journal, empty at first. */
export interface JournalMedium {
  /** Opens the journal; the life before has ended. */
  open(bounds: JournalBounds): Promise<JournalLife>;
  /** Bytes that are taken. */
  bytes(): Promise<number>;
  /** Changes the file that was written last, between two lives; gives its name. */
  change(change: (bytes: Uint8Array) => Uint8Array): Promise<string>;
  /** Names of all files. */
  names(): Promise<readonly string[]>;
  /** Lets go of the medium. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How the suite makes journals. */
export interface JournalHarness {
  readonly test: TestFunction;
  createMedium(): Promise<JournalMedium> | JournalMedium;
  /** Waits for something of a life, where time passes only by hand. Default: awaits it. */
  readonly settle?: <T>(something: Promise<T>) => Promise<T>;
}
