/** What is measured: the same work, by a registry and by hand. */
export interface Subject {
  create(address: string): Promise<void>;
  /** Gives the revision of what is there. */
  get(address: string): Promise<number>;
  /** Gives how many of the first hundred there are. */
  list(parent: string): Promise<number>;
  /** Gives the new revision. */
  update(address: string, title: string, ifRevision: number): Promise<number>;
  /** Calls back for each change. Gives what ends it. */
  watch(seen: () => void): () => void;
  close(): Promise<void>;
}
