import { type JsonValue, OrreryError } from "@orrery/core";
import { type GuestReply, type GuestRequest, guestReply, STATE_SERVICE } from "@orrery/guest/abi";
import { KEY_LENGTH_MAX, KEYS_LISTED_MAX, KEYS_MAX, STATE_BYTES_MAX } from "./limits.ts";
import { entryBytes, type State, type StateChange, type StateEntry } from "./state.ts";

/** The state as one message sees it: what was there, and what the message has set since. */
export interface MessageState {
  /** What the message has changed so far, each key once. */
  readonly changes: readonly StateChange[];
  /** Answers a call of service `orrery.state`. @throws OrreryError that says what is wrong with it. */
  answer(request: GuestRequest): GuestReply;
}

/** Opens the state for one message. */
export function openMessageState(before: State): MessageState {
  return new Overlay(before);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** I1: what was there is not changed. */
class Overlay implements MessageState {
  readonly #before: State;
  readonly #changed = new Map<string, StateEntry | undefined>();
  #bytes: number;
  #keys: number;

  constructor(before: State) {
    this.#before = before;
    this.#bytes = before.bytes;
    this.#keys = before.entries.size;
  }

  get changes(): readonly StateChange[] {
    return [...this.#changed].map(([key, entry]) => ({ key, entry }));
  }

  answer(request: GuestRequest): GuestReply {
    const { method, path } = request;
    switch (method) {
      case "get": {
        const entry = this.#get(keyIn(path));
        if (entry === undefined) throw new OrreryError("not_found", `Cannot get "${path}": the state has no such key`);
        return guestReply(entry);
      }
      case "set":
        this.#put(keyIn(path), { contentType: request.contentType, body: request.body.slice() });
        return guestReply({});
      case "delete":
        this.#put(keyIn(path), undefined);
        return guestReply({});
      case "keys":
        return json(this.#list(path, afterIn(request.body)));
      default:
        throw new OrreryError(
          "unimplemented",
          `Cannot answer "${STATE_SERVICE}.${method}": there is no such method, call get, set, delete or keys`,
        );
    }
  }

  #get(key: string): StateEntry | undefined {
    return this.#changed.has(key) ? this.#changed.get(key) : this.#before.entries.get(key);
  }

  #put(key: string, entry: StateEntry | undefined): void {
    const before = this.#get(key);
    if (before === undefined && entry === undefined) return;
    const bytes = this.#bytes + entryBytes(key, entry) - entryBytes(key, before);
    const keys = this.#keys + (entry === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    if (entry !== undefined && bytes > STATE_BYTES_MAX) {
      const why = `the state would have ${bytes} bytes, the limit is ${STATE_BYTES_MAX}`;
      throw new OrreryError("resource_exhausted", `Cannot set "${key}": ${why}, delete some keys first`);
    }
    if (keys > KEYS_MAX) {
      throw new OrreryError("resource_exhausted", `Cannot set "${key}": the state has ${KEYS_MAX} keys, the limit`);
    }
    this.#bytes = bytes;
    this.#keys = keys;
    this.#changed.set(key, entry);
  }

  #list(prefix: string, after: string): readonly string[] {
    const fits = (key: string) => key.startsWith(prefix) && key > after;
    const kept = [...this.#before.entries.keys()].filter((key) => fits(key) && !this.#changed.has(key));
    const set = [...this.#changed].flatMap(([key, entry]) => (entry !== undefined && fits(key) ? [key] : []));
    return [...kept, ...set].sort().slice(0, KEYS_LISTED_MAX);
  }
}

function keyIn(path: string): string {
  if (path.length >= 1 && path.length <= KEY_LENGTH_MAX) return path;
  const text = `Cannot use a key of ${path.length} characters: a key has 1 to ${KEY_LENGTH_MAX}`;
  throw new OrreryError("invalid_argument", text);
}

/** What `keys` is asked to begin behind. */
function afterIn(body: Uint8Array): string {
  if (body.length === 0) return "";
  let said: unknown;
  try {
    said = JSON.parse(decoder.decode(body));
  } catch {}
  if (typeof said !== "object" || said === null)
    throw new OrreryError("invalid_argument", "Cannot list keys: the request's body is no JSON object");
  const { after = "" } = said as { readonly after?: unknown };
  if (typeof after === "string") return after;
  throw new OrreryError("invalid_argument", `Cannot list keys behind ${JSON.stringify(after)}: after is a text`);
}

function json(value: JsonValue): GuestReply {
  return guestReply({ contentType: "application/json", body: encoder.encode(JSON.stringify(value)) });
}
