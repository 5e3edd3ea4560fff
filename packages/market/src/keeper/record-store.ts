/** Where one record is kept. */
export interface RecordStore<T> {
  /** What was written last; undefined where nothing was. @throws OrreryError `data_loss` for what cannot be read */
  read(): Promise<T | undefined>;
  /** Keeps a record in the place of the one before: when this ends well it outlives a crash, and when it fails the one before is there. */
  write(record: T): Promise<void>;
}

/** Keeps a record as long as the process lives. */
export function createMemoryRecordStore<T>(): RecordStore<T> {
  let kept: T | undefined;
  return {
    read: async () => kept,
    write: async (record) => {
      kept = record;
    },
  };
}
