import { createSystemClock, isOrreryError, type StreamOptions } from "@orrery/core";
import { RegistryService, type WatchResponse } from "@orrery/registry/service";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { WATCH_LOOK_EVERY_MS, WATCH_SILENT_MS, WATCH_WAIT_MS } from "./limits.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "./resource-command.ts";
import { resourceJson, statusText } from "./resource-form.ts";
import { insideOf } from "./run-ls.ts";
import { readRevision } from "./run-set.ts";
import { isAway } from "./server.ts";
import { readAddress } from "./target.ts";

interface Wish {
  readonly address: string;
  /** `itself`; `*` for what comes into it and goes; `**` for what does at any depth. */
  readonly what: "itself" | "*" | "**";
  /** Undefined for from now on. */
  readonly after: bigint | undefined;
  readonly count: number;
  readonly waitMs: number;
}

/** `orrery watch` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const count = input.text("count") ?? "0";
    if (!/^\d{1,9}$/.test(count))
      throw usageError(`Cannot read flag --count: "${count}" is no number of changes, write a whole one`);
    const wait = input.text("wait");
    return {
      address: readAddress(input.words[0] ?? ""),
      what: whatOf(input),
      after:
        input.text("after") === "0" ? 0n : input.text("after") === undefined ? undefined : readRevision(input, "after"),
      count: count === "0" ? Number.POSITIVE_INFINITY : Number(count),
      waitMs: wait === undefined ? WATCH_WAIT_MS : parseTime(wait, "wait"),
    };
  },
  act: async (wish, context) => {
    const interrupt = new AbortController();
    const release = context.terminal.onInterrupt(() => interrupt.abort());
    try {
      await watch(wish, { ...context, signal: interrupt.signal });
      return EXIT.done;
    } catch (error) {
      if (interrupt.signal.aborted) return EXIT.done;
      throw error;
    } finally {
      release();
    }
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

type Watching = ResourceContext & { readonly signal: AbortSignal };

/** Tells changes until it has told enough, what is watched is gone, or its server stays away. */
async function watch(wish: Wish, context: Watching): Promise<void> {
  const { server, terminal, isJson } = context;
  let after = wish.after ?? (await startOf(wish, context));
  let left = wish.count;
  let awayMs: number | undefined;
  const clock = createSystemClock();
  if (!isJson) terminal.say(`Watching ${wish.address} from revision ${after}, Ctrl-C ends it`);
  for (;;) {
    try {
      for await (const change of changes(wish, after, context)) {
        if (awayMs !== undefined) terminal.say(`${server.address} is back, going on from revision ${after}`);
        awayMs = undefined;
        after = change.revision;
        if (change.resource === undefined) continue;
        if (isTold(wish, change) && !(await tell(wish, change, context))) return;
        else if (isTold(wish, change)) left--;
        if (left === 0 || isEnd(wish, change)) return;
      }
    } catch (error) {
      if (context.signal.aborted || !isLost(error)) throw server.explain(error);
    }
    const nowMs = clock.monotonic();
    if (awayMs === undefined) terminal.say(`${server.address} went away, waiting for it at revision ${after}`);
    awayMs ??= nowMs;
    if (nowMs - awayMs > wish.waitMs) throw stayedAway(server.address, after);
    await clock.sleep(WATCH_LOOK_EVERY_MS, context.signal);
  }
}

/** Where the registry is; refuses what is not there. */
async function startOf({ address }: Wish, { server }: Watching): Promise<bigint> {
  const { resources, revision } = await server.ask((registry, options) =>
    registry.list({ selector: address }, options),
  );
  if (resources.length === 0) await server.ask((registry, options) => registry.get({ address }, options));
  return revision;
}

function changes({ address, what }: Wish, after: bigint, { server, signal }: Watching): AsyncIterable<WatchResponse> {
  const also = what === "itself" ? [] : [insideOf(address, what)];
  const options: StreamOptions = { signal, idleMs: WATCH_SILENT_MS };
  return server.node.client(RegistryService).watch({ selector: address, also, after }, options);
}

/** Whether a stream ended since its server did, and may go on when that is back. */
function isLost(error: unknown): boolean {
  return (
    isAway(error) ||
    (isOrreryError(error) && (error.kind === "timeout" || error.kind === "unreachable" || error.reason === "draining"))
  );
}

function stayedAway(address: string, after: bigint): CommandError {
  return new CommandError(`Cannot go on watching: "${address}" stayed away`, {
    exit: EXIT.notFound,
    tip: `the same with --after=${after}, once orrery up runs again`,
  });
}

function isTold({ what, address }: Wish, { parts, resource }: WatchResponse): boolean {
  if (what === "itself" || resource?.address === address) return what === "itself" || parts.includes("removed");
  return parts.includes("added") || parts.includes("removed");
}

/** What is watched is gone. */
function isEnd({ address }: Wish, { parts, resource }: WatchResponse): boolean {
  return resource?.address === address && parts.includes("removed");
}

/** Tells one change; false where nobody reads any more. */
async function tell({ what }: Wish, change: WatchResponse, { terminal, isJson }: Watching): Promise<boolean> {
  const { revision, atMs, agent, parts, resource } = change;
  if (resource === undefined) return true;
  const event = parts.includes("added") ? "add" : parts.includes("removed") ? "remove" : "change";
  if (isJson || !terminal.isScreen) {
    const facts = {
      event,
      revision: Number(revision),
      at: Number(atMs),
      agent,
      parts,
      address: resource.address,
      kind: resource.kind,
    };
    return await terminal.write(
      `${JSON.stringify(what === "itself" ? { ...facts, resource: resourceJson(resource) } : facts)}\n`,
    );
  }
  const time = new Date(Number(atMs)).toISOString().slice(11, 19);
  const said = event === "change" ? `${parts.join(", ")} ${statusText(resource, terminal)}` : event;
  return await terminal.write(
    `${time}  ${String(revision).padStart(6)}  ${resource.address}<${resource.kind}>  ${said}  by ${agent}\n`,
  );
}

function whatOf(input: CommandInput): Wish["what"] {
  if (input.has("deep")) return "**";
  return input.has("children") ? "*" : "itself";
}
