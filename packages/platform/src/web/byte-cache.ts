/** Bytes by name; those used least lately go first. */
export interface ByteCache {
  get(name: string): Uint8Array | undefined;
  put(name: string, bytes: Uint8Array): void;
}

/** Makes an empty cache of up to so many bytes. */
export function createByteCache(bytesMax: number): ByteCache {
  const entries = new Map<string, Uint8Array>();
  let size = 0;
  let newest: string | undefined;
  const drop = (name: string) => {
    size -= entries.get(name)?.length ?? 0;
    entries.delete(name);
  };
  return {
    get: (name) => {
      const bytes = entries.get(name);
      if (bytes === undefined || name === newest) return bytes;
      entries.delete(name);
      entries.set(name, bytes);
      newest = name;
      return bytes;
    },
    put: (name, bytes) => {
      drop(name);
      if (bytes.length > bytesMax) return;
      entries.set(name, bytes);
      newest = name;
      size += bytes.length;
      while (size > bytesMax) drop(entries.keys().next().value ?? "");
    },
  };
}
