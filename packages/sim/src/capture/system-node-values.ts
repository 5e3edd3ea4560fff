import { createPrivateKey, createPublicKey, createSecretKey, KeyObject, type webcrypto } from "node:crypto";
import { Dirent, Stats } from "node:fs";
import type { ValueKind } from "./record-codec.ts";

/** What Node's own calls give that is no plain data, as a record holds it. */
export const NODE_VALUES: readonly ValueKind[] = [
  {
    kind: "response",
    is: (value) => value instanceof BufferedResponse,
    write: (value: BufferedResponse) => ({ ...value }),
    read: readResponse,
  },
  {
    kind: "stats",
    is: (value) => value instanceof Stats,
    write: (value: Stats) => Object.fromEntries(Object.entries(value)),
    read: (fields: object) => Object.assign(Object.create(Stats.prototype) as Stats, fields),
  },
  {
    kind: "dirent",
    is: (value) => value instanceof Dirent,
    write: (value: Dirent) => [value.name, value.parentPath, direntType(value)],
    read: ([name, path, type]: [string, string, number]) => new DirentOf(name, type, path),
  },
  {
    kind: "key",
    is: (value) => value instanceof CryptoKey && value.extractable,
    write: writeKey,
    read: readKey,
  },
];

/** A response with its whole body. */
export class BufferedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly redirected: boolean;
  readonly headers: readonly [string, string][];
  readonly body: Uint8Array | null;

  constructor(response: Response, body: Uint8Array) {
    this.status = response.status;
    this.statusText = response.statusText;
    this.url = response.url;
    this.redirected = response.redirected;
    this.headers = [...response.headers];
    this.body = response.body === null ? null : body;
  }
}

/** Reads a response to its end. */
export async function bufferResponse(response: Response): Promise<BufferedResponse> {
  return new BufferedResponse(response, new Uint8Array(await response.arrayBuffer()));
}

function readResponse({ body, status, statusText, headers, url, redirected }: BufferedResponse): Response {
  // The body stands here as its sender meant it: decoded, whatever the headers say of its encoding.
  const response = new Response(body as Uint8Array<ArrayBuffer> | null, {
    status,
    statusText,
    headers: headers as [string, string][],
  });
  return Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
}

const DirentOf = Dirent as unknown as new (name: string, type: number, path: string) => Dirent;

/** How Node numbers what an entry can be; its constants are not in the types. */
const DIRENT_TYPES: readonly ((entry: Dirent) => boolean)[] = [
  (entry) => entry.isFile(),
  (entry) => entry.isDirectory(),
  (entry) => entry.isSymbolicLink(),
  (entry) => entry.isFIFO(),
  (entry) => entry.isSocket(),
  (entry) => entry.isCharacterDevice(),
  (entry) => entry.isBlockDevice(),
];

function direntType(entry: Dirent): number {
  return DIRENT_TYPES.findIndex((is) => is(entry)) + 1;
}

interface WrittenKey {
  readonly type: string;
  readonly algorithm: Record<string, unknown>;
  readonly usages: webcrypto.KeyUsage[];
  readonly jwk: webcrypto.JsonWebKey;
}

function writeKey(key: webcrypto.CryptoKey): WrittenKey {
  const { type, algorithm, usages } = key;
  return {
    type,
    algorithm: plainAlgorithm(algorithm as unknown as Record<string, unknown>),
    usages: [...usages],
    jwk: { ...KeyObject.from(key).export({ format: "jwk" }) } as webcrypto.JsonWebKey,
  };
}

/** An algorithm as plain data: its parts are objects of Node's own. */
function plainAlgorithm(algorithm: Record<string, unknown>): Record<string, unknown> {
  const { hash } = algorithm as { hash?: { name: string } };
  return hash === undefined ? { ...algorithm } : { ...algorithm, hash: { name: hash.name } };
}

function readKey({ type, algorithm, usages, jwk }: WrittenKey): webcrypto.CryptoKey {
  const key =
    type === "secret"
      ? createSecretKey(jwk.k ?? "", "base64url")
      : (type === "private" ? createPrivateKey : createPublicKey)({ key: jwk, format: "jwk" });
  return key.toCryptoKey(algorithm as unknown as webcrypto.AlgorithmIdentifier, true, usages);
}
