import { type Clock, createLog, isOrreryError, type LogSink, OrreryError } from "@orrery/core";
import { failure, messageOf } from "@orrery/core/internal";
import { type GuestReply, type GuestRequest, STATE_SERVICE } from "@orrery/guest/abi";
import type { JsonCallSource } from "@orrery/http";
import type { LogRules } from "../apps/logs/log-rules.ts";
import { LOG_THRESHOLD_DEFAULT } from "../apps/logs/log-threshold.ts";
import type { Cage } from "../cage/cage.ts";
import type { GuestHost } from "../cage/guest-host.ts";
import type { Mechtron } from "../cage/mechtron.ts";
import { type MessageState, openMessageState } from "../stateful/message-state.ts";
import type { PersistRule } from "../stateful/persist-rule.ts";
import type { SoleMember } from "../stateful/sole-member.ts";
import { EMPTY_STATE } from "../stateful/state.ts";
import {
  DROP_MS,
  MESSAGE_TIMEOUT_MAX_MS,
  MESSAGE_TIMEOUT_MS,
  MESSAGES_WAITING_MAX,
  PANIC_MS,
  PROVEN_MAX,
  READ_AGAIN_MS,
} from "./limits.ts";
import type { MechtronRelease } from "./mechtron-release.ts";
import type { MechtronStates } from "./mechtron-states.ts";
import { createMessageLogs, type MessageCause, type MessageLogs } from "./message-logs.ts";

/** How a mechtron stands. */
export interface MechtronStand {
  /** What takes messages; undefined for nothing. */
  readonly release: MechtronRelease | undefined;
  /** Whether it takes messages, and the last one did not go wrong just now. */
  readonly isReady: boolean;
  /** What did not come, or went wrong, and why. */
  readonly failed: { readonly release: string; readonly why: string } | undefined;
}

/** What a message to a mechtron brings along. */
export interface AskOptions {
  /** On whose behalf. */
  readonly agent: string;
  /** Time for the answer, in ms. Default: 30,000. */
  readonly timeoutMs?: number;
  /** Addresses of the mechtrons that wait for the answer. Default: none. */
  readonly chain?: readonly string[];
  /** The message of an app's component on whose behalf it is asked. Default: none, or none of an app. */
  readonly via?: CallVia | undefined;
  /** The same, for what is logged. Default: none. */
  readonly cause?: MessageCause | undefined;
}

/** What calls of the components of one app go out through, so that they are made on behalf of a message there. */
export interface CallVia {
  readonly app: string;
  readonly node: JsonCallSource;
}

/** What a mechtron's call of others is answered by: what is known of the message that it handles. */
export interface CallContext {
  /** Who calls, and whose it is. */
  readonly release: Pick<MechtronRelease, "address" | "owner">;
  /** Mechtrons that wait, this one the last. */
  readonly chain: readonly string[];
  readonly via: CallVia | undefined;
  /** The message of a component that all of it began with. */
  readonly cause: MessageCause | undefined;
  /** Time that is left, in ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Runs mechtrons, each at one address. I1: while a release runs, the next takes its place when it is ready, and not at all where it fails. */
export interface MechtronHost {
  addresses(): readonly string[];
  stand(address: string): MechtronStand;
  /** Has a release run in the place of what runs; begins, and tells by `onChange`. One that failed is not tried again. */
  run(release: MechtronRelease): void;
  /** Ends what runs, with what it accepted, and keeps what it remembered: what takes longer than 10 s is cut. */
  rest(address: string): Promise<void>;
  /** Ends what runs, with what it accepted, and forgets what it remembered: what takes longer than 10 s is cut. */
  drop(address: string): Promise<void>;
  /**
   * Hands a mechtron a message.
   * @throws OrreryError `unavailable` where it does not run, `failed_precondition` with reason `call_cycle` where it waits for this very call,
   * and as `Mechtron.handle` does
   */
  ask(address: string, request: GuestRequest, options: AskOptions): Promise<GuestReply>;
  /** Calls back with the address whenever one stands another way. */
  onChange(listener: (address: string) => void): void;
  close(): Promise<void>;
}

/** Options of `createMechtronHost`. */
export interface MechtronHostOptions {
  readonly cage: Cage;
  readonly clock: Clock;
  readonly log: LogSink;
  /** From which level on the lines of a mechtron are kept. Default: from `info`. */
  readonly levelOf?: LogRules["of"] | undefined;
  /** Answers what mechtrons call of others. */
  readonly calls: (request: GuestRequest, context: CallContext) => Promise<GuestReply>;
  /** Where those remember that are stateful. */
  readonly states: MechtronStates;
}

/** Makes a host of mechtrons. */
export function createMechtronHost(options: MechtronHostOptions): MechtronHost {
  return new CageHost(options);
}

/** One release that runs, or runs out. */
interface Running {
  readonly release: MechtronRelease;
  readonly mechtron: Mechtron;
  /** Messages that it has not answered yet. */
  open: number;
  /** Called when there is none any more, once another has taken its place. */
  emptied: (() => void) | undefined;
}

interface Place {
  running: Running | undefined;
  /** What it remembers, over all its releases; undefined for one that does not. */
  state: Promise<SoleMember> | undefined;
  /** Id of the release that is about to run. */
  next: string | undefined;
  failed: MechtronStand["failed"];
  /** What went wrong with a message last, for some time. */
  fault: string | undefined;
}

/** Owns: the mechtrons of all places. I2: a message ends at the release that it began with. */
class CageHost implements MechtronHost {
  readonly #options: MechtronHostOptions;
  readonly #places = new Map<string, Place>();
  /** Code that was started once: it is started again by the message that needs it. */
  readonly #proven = new Set<string>();
  readonly #logs: MessageLogs;
  #listener: (address: string) => void = () => undefined;

  constructor(options: MechtronHostOptions) {
    this.#options = options;
    const { log: sink, clock, levelOf = () => LOG_THRESHOLD_DEFAULT } = options;
    this.#logs = createMessageLogs({ sink, clock, levelOf });
  }

  addresses(): readonly string[] {
    return [...this.#places.keys()];
  }

  stand(address: string): MechtronStand {
    const place = this.#places.get(address);
    const release = place?.running?.release;
    if (release === undefined) return { release, isReady: false, failed: place?.failed };
    if (place?.fault === undefined) return { release, isReady: true, failed: place?.failed };
    return { release, isReady: false, failed: { release: release.id, why: place.fault } };
  }

  run(release: MechtronRelease): void {
    const { address, id } = release;
    const place: Place = this.#places.get(address) ?? NOTHING();
    this.#places.set(address, place);
    if (place.running?.release.id === id) {
      place.next = undefined;
      place.failed = undefined;
      return;
    }
    if (place.next === id || place.failed?.release === id) return;
    place.next = id;
    void this.#bring(release, place);
  }

  rest(address: string): Promise<void> {
    return this.#end(address);
  }

  async drop(address: string): Promise<void> {
    await this.#end(address);
    await this.#options.states.forget(address);
  }

  async ask(address: string, request: GuestRequest, options: AskOptions): Promise<GuestReply> {
    const { agent, timeoutMs = MESSAGE_TIMEOUT_MS, chain = [], via, cause } = options;
    const { clock } = this.#options;
    const running = this.#running(address, chain);
    const endMs = clock.monotonic() + timeoutMs;
    let state: MessageState | undefined; // It keeps none: what a message sets is gone with it.
    const host: GuestHost = async (call, { signal }) => {
      if (call.service === STATE_SERVICE) {
        state ??= openMessageState(EMPTY_STATE);
        return state.answer(call);
      }
      const leftMs = Math.floor(endMs - clock.monotonic());
      if (leftMs <= 0) throw new OrreryError("deadline_exceeded", "Cannot call out: the time for the answer is over");
      return this.#options.calls(call, {
        release: running.release,
        chain: [...chain, address],
        ...{ via, cause },
        timeoutMs: leftMs,
        signal,
      });
    };
    const budgetMs = Math.max(1, Math.min(timeoutMs, MESSAGE_TIMEOUT_MAX_MS));
    const { service, method, path } = request;
    const { log, ended } = this.#logs.begin({ address, service, method, path, agent, cause });
    running.open += 1;
    try {
      const message = { ...request, agent, nowMs: clock.now(), budgetMs };
      const { mechtron } = running;
      const kept = await this.#places.get(address)?.state;
      const reply =
        running.release.persist === undefined || kept === undefined
          ? await mechtron.handle(message, { host, log, waitMs: timeoutMs })
          : await kept.handle({ mechtron, request: message, host, log, waitMs: timeoutMs });
      ended();
      return reply;
    } catch (error) {
      ended(error);
      this.#blame(address, error);
      throw error;
    } finally {
      running.open -= 1;
      if (running.open === 0) running.emptied?.();
    }
  }

  onChange(listener: (address: string) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    await Promise.all(this.addresses().map((address) => this.#end(address)));
  }

  async #end(address: string): Promise<void> {
    const place = this.#places.get(address);
    if (place === undefined) return;
    this.#places.delete(address);
    const late = this.#options.clock.timer(DROP_MS, () => place.running?.mechtron.close());
    await retire(place.running);
    late.cancel();
    await (await place.state?.catch(() => undefined))?.close();
  }

  #running(address: string, chain: readonly string[]): Running {
    const place = this.#places.get(address);
    const running = place?.running;
    if (running === undefined)
      throw new OrreryError(
        "unavailable",
        `Cannot reach "${address}": ${place?.failed?.why ?? "it does not run here"}`,
      );
    if (!chain.includes(address)) return running;
    const path = [...chain.slice(chain.indexOf(address)), address].join(" → ");
    throw failure("call_cycle", `Cannot call "${address}": it waits for this very call, ${path}`);
  }

  /** I1 */
  async #bring(release: MechtronRelease, place: Place): Promise<void> {
    const { address, id } = release;
    let running: Running | undefined;
    let failed: MechtronStand["failed"];
    let isToTryAgain = false;
    try {
      if (release.persist !== undefined) await this.#open(place, release.address, release.persist);
      const mechtron = await this.#make(release);
      running = { release, mechtron, open: 0, emptied: undefined };
      await this.#prove(running);
    } catch (error) {
      failed = { release: id, why: messageOf(error) };
      isToTryAgain = !isOrreryError(error); // What reads the code went wrong, not the code.
    }
    if (this.#places.get(address) !== place || place.next !== id) {
      running?.mechtron.close(); // It was dropped, or another is wanted by now.
      return;
    }
    place.next = undefined;
    if (isToTryAgain) this.#options.clock.timer(READ_AGAIN_MS, () => this.#listener(address));
    else if (running === undefined || failed !== undefined) {
      running?.mechtron.close();
      place.failed = failed;
    } else {
      void retire(place.running);
      place.running = running;
      place.failed = undefined;
      place.fault = undefined;
    }
    this.#listener(address);
  }

  /** Opens what it remembers, unless it is open; again where that failed. */
  async #open(place: Place, address: string, persist: PersistRule): Promise<void> {
    place.state ??= this.#options.states.open(address, persist);
    try {
      await place.state;
    } catch (error) {
      place.state = undefined;
      throw error;
    }
  }

  async #make(release: MechtronRelease): Promise<Mechtron> {
    const { cage, clock, log: sink } = this.#options;
    const { address, kind, digest, settings, limits } = release;
    return cage.createMechtron({
      ...{ name: address, kind, digest },
      code: await release.code(),
      limits: { ...limits, wallMs: MESSAGE_TIMEOUT_MAX_MS, queueMax: MESSAGES_WAITING_MAX },
      artifacts: (path) => release.artifact(path),
      ...(settings !== undefined && { config: settings }),
      log: createLog({ sink, now: () => clock.now(), fields: { mechtron: address } }),
    });
  }

  /** Starts code that never ran here. @throws OrreryError that says why it cannot */
  async #prove({ release: { kind, digest, limits }, mechtron }: Running): Promise<void> {
    const key = `${kind} ${digest} ${limits.memoryBytes}`;
    if (this.#proven.has(key)) return;
    try {
      await mechtron.start();
    } catch (error) {
      if (!isOrreryError(error) || error.reason !== "overloaded") throw error; // Else there is no room to try, which is no fault of it.
      return;
    }
    if (this.#proven.size >= PROVEN_MAX) this.#proven.clear();
    this.#proven.add(key);
  }

  /** Notes that a mechtron went wrong, for some time. */
  #blame(address: string, error: unknown): void {
    const place = this.#places.get(address);
    if (place === undefined || !isOrreryError(error) || error.details["fault"] === undefined) return;
    const isNew = place.fault === undefined;
    place.fault = error.message;
    if (!isNew) return;
    this.#listener(address);
    this.#options.clock.timer(PANIC_MS, () => {
      place.fault = undefined;
      this.#listener(address);
    });
  }
}

const NOTHING = (): Place => ({
  running: undefined,
  state: undefined,
  next: undefined,
  failed: undefined,
  fault: undefined,
});

/** Ends a release when it has answered what it accepted. I2 */
async function retire(running: Running | undefined): Promise<void> {
  if (running === undefined) return;
  if (running.open > 0)
    await new Promise<void>((resolve) => {
      running.emptied = resolve;
    });
  running.mechtron.close();
}
