const TIMES: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const SIZES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** Reads a time such as `500ms`, `5s`, `2m` or `1h`; gives ms, or nothing when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * (TIMES[unit] ?? 0));
}

/** Reads a size such as `64KiB`, `512MiB` or `2GB`; gives bytes, or nothing when it is none. */
export function parseSize(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * (SIZES[unit] ?? 0));
}

/** Writes a size for people, such as `1.5 GiB`. */
export function printSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Math.round((bytes / 1024 ** step) * 10) / 10} ${units[step]}`;
}
