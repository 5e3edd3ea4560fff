/** The medium of a journal: files that grow. */
export interface JournalFiles {
  list(): Promise<readonly string[]>;
  /** Bytes of a file; undefined when there is none of that name. */
  read(name: string): Promise<Uint8Array | undefined>;
  /**
   * Adds to the end of a file, which is made when there is none; what was added outlives the process. @throws OrreryError
   * `resource_exhausted` when nothing was added; anything else when nobody knows.
   */
  append(name: string, bytes: Uint8Array): Promise<void>;
  /** Ends when all that a file holds, and that there is one, outlives the machine. */
  sync(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  rename(name: string, to: string): Promise<void>;
}
