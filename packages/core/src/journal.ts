/** What a journal has of one message. */
export interface KeptEntry {
  /** Number within its journal, larger than that of each that was kept before it. */
  readonly id: number;
  readonly bytes: Uint8Array;
  /** How often its handling was begun again, as far as that was marked. */
  readonly repeats: number;
}

/** A message that was given up: its handling was begun as often as is allowed, and never ended. */
export interface DeadLetter extends KeptEntry {
  readonly why: string;
}

/** What an earlier life left in a journal. */
export interface Recalled {
  /** What was kept and not handled, in the order in which it was kept. */
  readonly entries: readonly KeptEntry[];
  /** A line for each part that could not be read, and where it is now. */
  readonly damage: readonly string[];
}

/** What a journal holds now. */
export interface JournalLoad {
  /** Messages that were kept and have not ended, dead letters included. */
  readonly entries: number;
  readonly bytes: number;
  readonly deadLetters: number;
}

/**
 * Where a node keeps messages that are to outlive its process: a medium, such as a folder. One journal is one node's.
 * I1: what `keep` has resolved for is recalled in every later life until its end is marked. I2: what `keep` has refused with
 * `resource_exhausted` is recalled in none. I3: it is bounded.
 */
export interface Journal {
  readonly load: JournalLoad;
  /** Reads what an earlier life left. Called once, before all else. @throws OrreryError `data_loss` when the medium cannot be read. */
  recall(): Promise<Recalled>;
  /**
   * Keeps a message; resolves with its number once it is safe on the medium. @throws OrreryError `resource_exhausted` where it certainly is not
   * kept: there is no room; `data_loss` where nobody knows.
   */
  keep(bytes: Uint8Array): Promise<number>;
  /**
   * Notes that the handling of a message is begun again, has ended, or will not be tried any more; resolves when that outlives the process.
   * A mark may be lost with the machine: then the message is handled again. A dead letter whose end is marked is gone.
   * @throws OrreryError `resource_exhausted` or `data_loss` when it could not be noted.
   */
  mark(id: number, mark: KeptMark): Promise<void>;
  /** The dead letters, oldest first. @throws OrreryError `data_loss` when they cannot be read. */
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** Lets go of the medium, once all that was asked for is on it. */
  close(): Promise<void>;
}

/** What happened to a kept message. */
export type KeptMark = "begun" | "ended" | { readonly dead: string };
