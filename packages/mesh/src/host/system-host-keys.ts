import { createHash } from "node:crypto";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import {
  type CurveKeyPair,
  type CurveOptions,
  encodeHex,
  type KnownPeer,
  parseCurveKey,
  readCurveKeys,
  ZmqError,
} from "@orrery/zmq";
import type { KeysPlace } from "../supervise/component-child.ts";
import { systemFiles } from "../system-files.ts";
import { type AllowedKey, type HostSecurity, isPublicKey } from "./host-config.ts";
import { replace } from "./system-host-files.ts";

/** Keys of a host and of its processes. */
export interface HostKeys {
  readonly curve: CurveOptions;
  /** For its processes. */
  readonly place: KeysPlace;
}

/**
 * Reads the keys that a host's file names, and writes for its processes whom they let in.
 * @throws OrreryError `invalid_argument` for a key file that cannot be read, or that others may read.
 */
export async function openHostKeys({ keys: file, allow }: HostSecurity, home: string): Promise<HostKeys> {
  const curve = await readKeys(file, allow);
  const allowFile = join(home, "allow.json");
  const text = JSON.stringify(allow);
  replace(allowFile, text);
  const mark = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return { curve, place: { file, publicKey: encodeHex(curve.keyPair.publicKey), allowFile, mark } };
}

/**
 * Reads what a process of a host, or of an app, was told to use. Whom it lets in it reads anew at each connection.
 * @throws OrreryError `failed_precondition` when the file has another key by now, else as `openHostKeys`.
 */
export async function readPlacedKeys({ file, publicKey, allowFile }: KeysPlace): Promise<CurveOptions> {
  const text = systemFiles().readFileSync(allowFile, "utf8");
  const { keyPair, peers } = await readKeys(file, parseAllowed(text));
  if (encodeHex(keyPair.publicKey) !== publicKey) {
    const why = `Cannot use the keys of "${file}": they changed while their host runs, start it again`;
    throw new OrreryError("failed_precondition", why);
  }
  return { keyPair, peers: followAllowed(allowFile, { keyPair, text, peers }) };
}

interface Read {
  readonly keyPair: CurveKeyPair;
  /** What the file said, */
  readonly text: string;
  /** and whom it lets in by that. */
  readonly peers: readonly KnownPeer[];
}

/** Tells whom a file lets in, as it changes; whom it let in last where it cannot be read, for that says nothing about them. */
function followAllowed(file: string, read: Read): () => readonly KnownPeer[] {
  const { keyPair } = read;
  let { text, peers } = read;
  return () => {
    try {
      const now = systemFiles().readFileSync(file, "utf8");
      if (now !== text) [text, peers] = [now, peersOf(parseAllowed(now), keyPair)];
    } catch {
      return peers;
    }
    return peers;
  };
}

function parseAllowed(text: string): readonly AllowedKey[] {
  const all = JSON.parse(text) as readonly AllowedKey[];
  if (all.every(({ key }) => isPublicKey(key))) return all;
  throw new OrreryError("data_loss", "Cannot read whom a host lets in: it holds what is no key, start the host again");
}

async function readKeys(file: string, allow: readonly AllowedKey[]): Promise<Pick<Read, "keyPair" | "peers">> {
  try {
    const keyPair = await readCurveKeys(file);
    return { keyPair, peers: peersOf(allow, keyPair) };
  } catch (cause) {
    if (!(cause instanceof ZmqError)) throw cause;
    throw new OrreryError("invalid_argument", cause.message, { cause });
  }
}

function peersOf(allow: readonly AllowedKey[], { publicKey }: CurveKeyPair): readonly KnownPeer[] {
  const others = allow.map(({ key, agents }): KnownPeer => ({ publicKey: parseCurveKey(key), agents }));
  // What its own processes pass on, they pass on for whoever it came from.
  return [...others, { publicKey, agents: ["*"] }];
}
