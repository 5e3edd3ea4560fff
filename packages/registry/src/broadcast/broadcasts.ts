import type { JsonValue } from "@orrery/core";
import type { By } from "../write/ground.ts";

/** What to send to a broadcast. */
export interface SendMessage {
  readonly address: string;
  /** What kind of message it is, such as `Say`; up to 128 characters. */
  readonly method: string;
  /** What it says, up to 64 KiB of JSON. Default: nothing. */
  readonly message?: JsonValue;
}

/** What became of a message. */
export interface Relayed {
  /** Who watched when it came. */
  readonly watchers: number;
  /** To how many of them it was relayed. */
  readonly relayed: number;
  /** How many of them it passed by, since as much waits for them as may. */
  readonly missed: number;
}

/** A message as a watcher gets it. */
export interface BroadcastMessage extends SendMessage {
  /** Who sent it. */
  readonly agent: string;
  /** When, in ms since 1970. */
  readonly at: number;
}

/** What a watcher gets: a message, or only that it missed some. */
export interface BroadcastItem {
  /** How many passed it by before this one, since it took them too slowly. */
  readonly missed: number;
  readonly message?: BroadcastMessage;
}

/** Relays messages to all who watch. Whoever may execute a broadcast may send to it, whoever may read it may watch it. */
export interface Broadcasts extends AsyncDisposable {
  /**
   * Relays a message to all who watch now, in one order for all of them; waits for none of them.
   * @throws OrreryError `permission_denied`, `not_found`, `failed_precondition` (it is no broadcast), `invalid_argument`
   */
  send(request: SendMessage, by: By): Promise<Relayed>;
  /**
   * Gives what is sent from now on, until the signal, or until the broadcast is gone. It must be read to its end or have a signal that ends it.
   * @throws OrreryError as `send`; `resource_exhausted` where too many watch; while it is read, `permission_denied` when it may be read no more
   */
  follow(
    request: { readonly address: string },
    by: By & { readonly signal?: AbortSignal },
  ): Promise<AsyncIterable<BroadcastItem>>;
}
