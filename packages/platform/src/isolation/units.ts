const MIB = 1024 * 1024;

/** Bytes for people, such as `128 MiB`. */
export function mebibytes(bytes: number): string {
  return bytes >= MIB ? `${Math.round((bytes / MIB) * 10) / 10} MiB` : `${bytes} bytes`;
}
