import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import {
  addressWithKey,
  type CurveKeyPair,
  type CurveOptions,
  createCurveKeyPair,
  curveKeyPairOf,
  encodeHex,
  type KnownPeer,
  parseCurveKey,
} from "@orrery/zmq";
import type { KeysPlace } from "./component-child.ts";

/** Options of `openTurningKeys`. */
export interface TurningKeysOptions {
  /** Folder of the keys, made where it is missing, of which this is the only user. */
  readonly folder: string;
  /** Now, in ms since 1970. */
  readonly nowMs: number;
  /** Told of each file and folder that processes read, before they do: lets those of another user. Default: they are of this one. */
  readonly lend?: (file: string) => void;
}

/** Keys of one turn: what processes are told, and the folder in which all of that lies. */
export interface PlacedKeys {
  readonly place: KeysPlace;
  /** What a process must be able to read. */
  readonly folder: string;
}

/**
 * Keys by which processes that belong together know one another, and no others them. Owns: the folder. I1: the next key is let in before
 * anything uses it. I2: from a turn on the key before is refused, by whatever runs. I3: secrets lie in files that nobody else reads, and are named
 * nowhere else. I4: processes of a turn can read the secret of that turn alone.
 */
export interface TurningKeys {
  /** Of the node that stays while processes are replaced: it keeps its own key, and lets in those of now at each connection. */
  readonly curve: CurveOptions;
  /** The address by which those processes reach that node. */
  address(address: string): string;
  /** When the key of now was drawn, in ms since 1970. */
  readonly drawnMs: number;
  /** For processes that start now. */
  now(): PlacedKeys;
  /** For those that are to take their place. */
  next(): PlacedKeys;
  /** Has the next key be that of now, once nothing uses that before. */
  turn(nowMs: number): void;
  /** Public keys, as letters, by which that node and those processes are known now. */
  publicKeys(): readonly string[];
  /**
   * Lets a guest in, by a public key as letters, until what it gives is called.
   * @throws OrreryError `invalid_argument` for what is no key
   */
  allow(publicKey: string): () => void;
}

/** What is kept of a turn. */
interface Turn {
  readonly turn: number;
  readonly drawnMs: number;
}

/** Opens the keys of a folder, and draws them the first time. @throws for files that were spoilt */
export function openTurningKeys({ folder, nowMs, lend = () => undefined }: TurningKeysOptions): TurningKeys {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept = join(folder, "turn.json");
  const own = pairIn(join(folder, "own.key"), () => undefined);
  const guests = new Set<{ readonly publicKey: string }>();
  let now: Turn = existsSync(kept) ? (JSON.parse(readFileSync(kept, "utf8")) as Turn) : { turn: 1, drawnMs: nowMs };
  let places: readonly [PlacedKeys, PlacedKeys];
  let keys: readonly string[] = [];
  let peers: readonly KnownPeer[] = [];
  const folderOf = (turn: number) => join(folder, `t${turn}`);
  const placed = (turn: number): PlacedKeys => {
    const at = folderOf(turn);
    if (!existsSync(at)) mkdirSync(at, { mode: 0o700 });
    lend(at);
    const file = join(at, "secret.key");
    const publicKey = encodeHex(pairIn(file, lend).publicKey);
    return { folder: at, place: { file, publicKey, allowFile: join(at, "allow.json"), mark: `t${turn}` } };
  };
  const tell = () => {
    keys = [encodeHex(own.publicKey), ...places.map(({ place }) => place.publicKey)];
    const known = [...keys, ...[...guests].map(({ publicKey }) => publicKey)];
    const text = JSON.stringify(known.map((key) => ({ key, agents: ["*"] })));
    for (const { place } of places) write(place.allowFile, text, lend); // I1, I2
    peers = known.map((key) => ({ publicKey: parseCurveKey(key), agents: ["*"] }));
  };
  const take = (next: Turn) => {
    write(kept, JSON.stringify(next));
    now = next;
    places = [placed(now.turn), placed(now.turn + 1)];
    tell();
    const needed = new Set([now.turn, now.turn + 1].map((turn) => `t${turn}`));
    for (const name of readdirSync(folder))
      if (/^t\d+$/.test(name) && !needed.has(name)) rmSync(join(folder, name), { recursive: true });
  };
  take(now);
  return {
    curve: { keyPair: own, peers: () => peers },
    address: (address) => addressWithKey(address, own.publicKey),
    get drawnMs() {
      return now.drawnMs;
    },
    now: () => places[0],
    next: () => places[1],
    turn: (drawnMs) => take({ turn: now.turn + 1, drawnMs }),
    publicKeys: () => keys,
    allow: (publicKey) => {
      if (!/^[0-9a-f]{64}$/.test(publicKey))
        throw new OrreryError("invalid_argument", "Cannot let in a guest: its public key is not 64 letters of hex");
      const guest = { publicKey };
      guests.add(guest);
      tell();
      return () => {
        if (guests.delete(guest)) tell();
      };
    },
  };
}

/** The key pair of a file, which is drawn where there is none. */
function pairIn(file: string, lend: (file: string) => void): CurveKeyPair {
  if (!existsSync(file)) write(file, `${encodeHex(createCurveKeyPair().secretKey)}\n`, lend);
  return curveKeyPairOf(parseCurveKey(readFileSync(file, "utf8").trim()));
}

/** Writes a file that nobody else reads, whole or not at all. */
function write(file: string, text: string, lend: (file: string) => void = () => undefined): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
  lend(`${file}.new`);
  renameSync(`${file}.new`, file);
}
