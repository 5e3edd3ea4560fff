import { type Clock, type JsonValue, type Log, OrreryError } from "@orrery/core";
import { createKindDriver, type KindDriver } from "../drive/kind-driver.ts";
import { BROADCAST_MESSAGE_BYTES_MAX, BROADCAST_METHOD_LENGTH_MAX, BROADCAST_WATCHERS_MAX } from "../limits.ts";
import type { Registry } from "../registry.ts";
import type { Verb } from "../rights/verbs.ts";
import { type By, localAddress } from "../write/ground.ts";
import { BROADCAST_DRIVER, BROADCAST_KIND } from "./broadcast-kind.ts";
import type { BroadcastItem, BroadcastMessage, Broadcasts, Relayed, SendMessage } from "./broadcasts.ts";
import { createWatcher, type Watcher } from "./watcher.ts";

/** Options of `createBroadcasts`. */
export interface BroadcastsOptions {
  /** One that has `BROADCAST_KIND`. */
  readonly registry: Pick<Registry, "get" | "list" | "watch" | "change" | "can">;
  /** Says when messages came, and how long to wait. */
  readonly clock: Clock;
  /** Is told what could not be driven, and is tried again. */
  readonly log: Log;
  /** In whose name broadcasts are driven, an operator. Default: `operator`. */
  readonly agent?: string;
}

/** Drives the broadcasts of a registry, and relays what is sent to them. */
export async function createBroadcasts(options: BroadcastsOptions): Promise<Broadcasts> {
  const broadcasts = new RelayingBroadcasts(options);
  await broadcasts.open();
  return broadcasts;
}

/** Those who watch one broadcast, and its messages one after the other. */
interface Relay {
  readonly watchers: Set<Watcher>;
  work: Promise<unknown>;
}

/**
 * Owns who watches which broadcast. I1: all who watch one get its messages in one order. I2: nobody who sends waits for one who watches. I3: who
 * may not read a broadcast any more gets no message that is sent after that. I4: nothing is kept of a broadcast that nobody watches.
 */
class RelayingBroadcasts implements Broadcasts {
  readonly #options: BroadcastsOptions;
  readonly #agent: string;
  readonly #relays = new Map<string, Relay>();
  readonly #driver: KindDriver;
  #isOver = false;

  constructor(options: BroadcastsOptions) {
    const { agent = "operator" } = options;
    this.#options = options;
    this.#agent = agent;
    this.#driver = createKindDriver(
      {
        ...{ kind: BROADCAST_KIND.name, driver: BROADCAST_DRIVER },
        left: () => [...this.#relays.keys()],
        drop: async (address) => this.#end(address),
        compare: async () => ({ status: { state: "Ready" }, looked: [] }),
        onChange: () => {}, // Nothing but its resource decides how it stands.
      },
      { ...options, agent },
    );
  }

  open(): Promise<void> {
    return this.#driver.start();
  }

  async send(request: SendMessage, { agent }: By): Promise<Relayed> {
    const address = localAddress(request.address);
    assertFits(request, address);
    await this.#assertMay({ agent, verb: "execute", address });
    await this.#assertThere(address, "send to");
    const relay = this.#relays.get(address);
    if (relay === undefined) return { watchers: 0, relayed: 0, missed: 0 };
    const message = { ...request, address, agent, at: this.#options.clock.now() };
    const relayed = relay.work.then(() => this.#relay(relay, message)); // I1
    relay.work = relayed.catch(() => undefined);
    return relayed;
  }

  async follow(
    request: { readonly address: string },
    { agent, signal }: By & { readonly signal?: AbortSignal },
  ): Promise<AsyncIterable<BroadcastItem>> {
    const address = localAddress(request.address);
    await this.#assertMay({ agent, verb: "read", address });
    await this.#assertThere(address, "watch");
    const relay = this.#relays.get(address) ?? { watchers: new Set(), work: Promise.resolve() };
    if (relay.watchers.size >= BROADCAST_WATCHERS_MAX)
      throw new OrreryError(
        "resource_exhausted",
        `Cannot watch "${address}": ${relay.watchers.size} do so already, which is the limit`,
      );
    this.#relays.set(address, relay);
    const watcher = createWatcher(agent, () => this.#leave(address, watcher));
    relay.watchers.add(watcher);
    const end = () => this.#leave(address, watcher);
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted || this.#isOver) end();
    return watcher.items();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const address of [...this.#relays.keys()]) this.#end(address);
    await this.#driver.stop();
  }

  /** Hands a message to all who watch and may. */
  async #relay({ watchers }: Relay, message: BroadcastMessage): Promise<Relayed> {
    const { address } = message;
    const agents = new Set([...watchers].map(({ agent }) => agent));
    await Promise.all([...agents].map((agent) => this.#endWhereRefused(agent, { address, watchers }))); // I3
    let relayed = 0;
    for (const watcher of watchers) if (watcher.give(message)) relayed++; // I2
    return { watchers: watchers.size, relayed, missed: watchers.size - relayed };
  }

  async #endWhereRefused(
    agent: string,
    { address, watchers }: { readonly address: string; readonly watchers: ReadonlySet<Watcher> },
  ): Promise<void> {
    const refusal = await this.#refusalOf({ agent, verb: "read", address });
    if (refusal === undefined) return;
    for (const watcher of watchers)
      if (watcher.agent === agent) {
        watcher.end(refusal);
        this.#leave(address, watcher);
      }
  }

  #leave(address: string, watcher: Watcher): void {
    watcher.end();
    const relay = this.#relays.get(address);
    if (relay?.watchers.delete(watcher) && relay.watchers.size === 0) this.#relays.delete(address); // I4
  }

  /** Nobody watches a broadcast any more. */
  #end(address: string): void {
    for (const watcher of this.#relays.get(address)?.watchers ?? []) watcher.end();
    this.#relays.delete(address);
  }

  async #assertMay(wish: Wish): Promise<void> {
    const refusal = await this.#refusalOf(wish);
    if (refusal !== undefined) throw refusal;
  }

  async #refusalOf(wish: Wish): Promise<OrreryError | undefined> {
    const { allowed, rule, why } = await this.#options.registry.can(wish, { agent: this.#agent });
    if (allowed) return undefined;
    const { agent, verb, address } = wish;
    const message = `Cannot ${verb} "${address}" as "${agent}": ${why}`;
    return new OrreryError("permission_denied", message, { details: { rule, agent, verb, address } });
  }

  async #assertThere(address: string, verb: string): Promise<void> {
    const { kind, status } = await this.#options.registry.get(address, { agent: this.#agent });
    const isGoing = status.state === "Destroying";
    if (kind === BROADCAST_KIND.name && !isGoing) return;
    const why = isGoing ? "it is being removed" : `it is a ${kind}, name a Broadcast`;
    throw new OrreryError("failed_precondition", `Cannot ${verb} "${address}": ${why}`, { details: { address } });
  }
}

interface Wish {
  readonly agent: string;
  readonly verb: Verb;
  readonly address: string;
}

function assertFits({ method, message }: SendMessage, address: string): void {
  const refuse = (why: string) => new OrreryError("invalid_argument", `Cannot send to "${address}": ${why}`);
  if (method === "" || method.length > BROADCAST_METHOD_LENGTH_MAX)
    throw refuse(
      `the name of its message has ${method.length} characters, from 1 to ${BROADCAST_METHOD_LENGTH_MAX} fit`,
    );
  const bytes = message === undefined ? 0 : bytesOf(message);
  if (bytes > BROADCAST_MESSAGE_BYTES_MAX)
    throw refuse(`its message takes ${bytes} bytes, up to ${BROADCAST_MESSAGE_BYTES_MAX} fit, send an address instead`);
}

function bytesOf(message: JsonValue): number {
  return new TextEncoder().encode(JSON.stringify(message)).length;
}
