import { createSystemClock, isOrreryError, type StreamOptions } from "@orrery/core";
import { RegistryService, type WatchResponse } from "@orrery/registry/service";
import { CommandError, EXIT } from "../command-error.ts";
import { insideOf } from "./inside-of.ts";
import { WATCH_LOOK_EVERY_MS, WATCH_LOOK_MS, WATCH_SILENT_MS } from "./limits.ts";
import type { ResourceContext } from "./resource-command.ts";
import { isAway } from "./server.ts";

/** What somebody wants to follow. */
export interface WatchWish {
  readonly address: string;
  /** `itself`; `*` for what comes into it and goes; `**` for what does at any depth. */
  readonly what: "itself" | "*" | "**";
  /** Undefined for from now on. */
  readonly after: bigint | undefined;
  /** How many changes to tell. */
  readonly count: number;
  /** How long to wait for a server that went away. */
  readonly waitMs: number;
}

/** A change, with the resource that was changed. */
export type TellableChange = WatchResponse & { readonly resource: NonNullable<WatchResponse["resource"]> };

/** Shows a watch to whoever follows it. */
export interface WatchTeller {
  /** Told from where on changes come. */
  begin(revision: bigint): void;
  /** Told a change that was asked for; gives false where nobody reads any more. */
  tell(change: TellableChange): Promise<boolean>;
  /** Told a change of what is followed that nobody asked for, such as a child's property. */
  pass(change: TellableChange): void;
  /** Told that the server went away, or is back, and the revision where it is. */
  standing(server: "away" | "back", revision: bigint): void;
  /** Gives back what it took. */
  close(): Promise<void>;
}

/** Where changes are followed, until the signal says so. */
export type Following = ResourceContext & { readonly signal: AbortSignal };

/**
 * Tells changes in order, none twice and none missing, until it has told enough, or what is followed is gone. Where its server goes away it waits for
 * it, and goes on from the revision where it was.
 * @throws CommandError where the server stays away
 */
export async function followChanges(wish: WatchWish, context: Following, teller: WatchTeller): Promise<void> {
  const { server, signal } = context;
  let after = wish.after ?? (await startOf(wish, context));
  let left = wish.count;
  teller.begin(after);
  for (;;) {
    try {
      for await (const change of changes(wish, after, context)) {
        after = change.revision;
        if (!hasResource(change)) continue;
        if (!isAskedFor(wish, change)) teller.pass(change);
        else if (!(await teller.tell(change)) || --left === 0) return;
        if (isEnd(wish, change)) return;
      }
    } catch (error) {
      if (signal.aborted || !isLost(error)) throw server.explain(error);
    }
    teller.standing("away", after);
    const tip = `the same with --after=${after}, once orrery up runs again`;
    await untilBack({ ...wish, tip }, context);
    teller.standing("back", after);
  }
}

/** Waits until a server that went away answers again. @throws CommandError with a tip where it stays away */
export async function untilBack(
  { address, waitMs, tip }: Pick<WatchWish, "address" | "waitMs"> & { readonly tip: string },
  { server, signal }: Following,
): Promise<void> {
  const clock = createSystemClock();
  const registry = server.node.client(RegistryService);
  const endMs = clock.monotonic() + waitMs;
  for (;;) {
    await clock.sleep(WATCH_LOOK_EVERY_MS, signal);
    try {
      await registry.list({ selector: address, limit: 1 }, { timeoutMs: WATCH_LOOK_MS, signal });
      return;
    } catch (error) {
      if (signal.aborted || !isLost(error)) throw server.explain(error);
    }
    if (clock.monotonic() >= endMs) throw stayedAway(server.address, tip);
  }
}

/** Where the registry is; refuses what is not there. */
async function startOf({ address }: WatchWish, { server }: Following): Promise<bigint> {
  const { resources, revision } = await server.ask((registry, options) =>
    registry.list({ selector: address }, options),
  );
  if (resources.length === 0) await server.ask((registry, options) => registry.get({ address }, options));
  return revision;
}

/** Selectors of what is followed. */
export function selectorsOf({ address, what }: Pick<WatchWish, "address" | "what">): readonly string[] {
  return what === "itself" ? [address] : [address, insideOf(address, what)];
}

function changes(wish: WatchWish, after: bigint, { server, signal }: Following): AsyncIterable<WatchResponse> {
  const [selector = "", ...also] = selectorsOf(wish);
  const options: StreamOptions = { signal, idleMs: WATCH_SILENT_MS };
  return server.node.client(RegistryService).watch({ selector, also, after }, options);
}

function hasResource(change: WatchResponse): change is TellableChange {
  return change.resource !== undefined; // Else it says only that the server is still there.
}

/** Whether a stream ended since its server did, and may go on when that is back. */
export function isLost(error: unknown): boolean {
  return (
    isAway(error) ||
    (isOrreryError(error) && (error.kind === "timeout" || error.kind === "unreachable" || error.reason === "draining"))
  );
}

function stayedAway(address: string, tip: string): CommandError {
  return new CommandError(`Cannot go on watching: "${address}" stayed away`, { exit: EXIT.notFound, tip });
}

function isAskedFor({ what, address }: WatchWish, { parts, resource }: TellableChange): boolean {
  if (what === "itself" || resource.address === address) return what === "itself" || parts.includes("removed");
  return parts.includes("added") || parts.includes("removed");
}

/** What is watched is gone. */
function isEnd({ address }: WatchWish, { parts, resource }: TellableChange): boolean {
  return resource.address === address && parts.includes("removed");
}
