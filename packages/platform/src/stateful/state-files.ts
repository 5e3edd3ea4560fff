/** Files of one member, which only grow: a folder, or a modelled disk. */
export interface StateFiles {
  list(): Promise<readonly string[]>;
  /** Bytes of a file; undefined when there is none of that name. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Adds to the end of a file, which is made when there is none. */
  append(name: string, bytes: Uint8Array): Promise<void>;
  /** Ends when all that a file holds, and that there is one, outlives the machine. */
  sync(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Lets go of them. */
  close(): Promise<void>;
}
