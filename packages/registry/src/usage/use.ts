/** Everything that is counted, in whole numbers. */
export interface Usage {
  /** Bytes that came over a network, with what surrounds them where that is known. */
  readonly networkIn: bigint;
  /** Bytes that went. */
  readonly networkOut: bigint;
  /** Time of processors, in µs. */
  readonly cpuUs: bigint;
  /** Requests and other messages that were handled. */
  readonly messages: bigint;
  /** Bytes of content that are there now. */
  readonly fileBytes: bigint;
  /** Bytes that resources take in the database now, as JSON. */
  readonly databaseBytes: bigint;
  /** Bytes of content, times the ms that they were there, since they were counted first. */
  readonly fileByteMs: bigint;
  /** The same of the database. */
  readonly databaseByteMs: bigint;
}

/** What is used up: it only grows. */
export type Flow = "networkIn" | "networkOut" | "cpuUs" | "messages";

/** What somebody used, in whole numbers that are not negative. */
export type Use = { readonly [flow in Flow]?: number };

/** Nothing. */
export const NO_USAGE: Usage = {
  networkIn: 0n,
  networkOut: 0n,
  cpuUs: 0n,
  messages: 0n,
  fileBytes: 0n,
  databaseBytes: 0n,
  fileByteMs: 0n,
  databaseByteMs: 0n,
};

/** The names of all that is counted. */
export const METERS = Object.keys(NO_USAGE) as readonly (keyof Usage)[];

/** Adds up. */
export function addUsage(one: Usage, other: Usage): Usage {
  const sum: { -readonly [meter in keyof Usage]: bigint } = { ...one };
  for (const meter of METERS) sum[meter] += other[meter];
  return sum;
}
