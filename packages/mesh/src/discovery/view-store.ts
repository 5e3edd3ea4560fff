/** Keeps what a node last knew of its network, over its restarts. */
export interface ViewStore {
  /** What was written last; undefined when there is nothing that can be read. */
  read(): Promise<Uint8Array | undefined>;
  /** Puts bytes in the place of what was there, all or nothing. A rejection is logged, and does no more harm. */
  write(bytes: Uint8Array): Promise<void>;
}
