import { type Clock, type Log, OrreryError, type Random } from "@orrery/core";
import { assertEvents } from "./assert-events.ts";
import { createEventBells, type EventBells } from "./event-bells.ts";
import { assertGroup, deadTopic, logKey, parseTopic } from "./event-names.ts";
import { entryOf, eventOf } from "./event-note.ts";
import type { EventStore, LogName } from "./event-store.ts";
import { createEventSweep, type EventSweep } from "./event-sweep.ts";
import type { EventDelivery, Events, GroupName, GroupView, PublishEvent, TakeOptions } from "./events.ts";
import { createGroupKeeper, type GroupKeeper } from "./group-keeper.ts";
import { parseGroup } from "./group-record.ts";
import { assertGroupSettings, USUAL_GROUP } from "./group-settings.ts";
import { type GroupState, type Settled, type Settlement, seek } from "./group-state.ts";
import { buryStep, existing, offsetAt, openStep, type StepGround, settleStep, takeStep } from "./group-steps.ts";
import { groupView } from "./group-view.ts";
import { guardEventStore } from "./guard-event-store.ts";
import {
  EVENTS_AT_ONCE_MAX,
  EVENTS_LOOK_EVERY_MS,
  FETCH_WAIT_MS_MAX,
  GROUPS_KEPT,
  GROUPS_MAX,
  IN_HAND,
  IN_HAND_MAX,
} from "./limits.ts";
import { createTopicWriter, type TopicWriter } from "./topic-writer.ts";
import { createTopics, type Topics } from "./topics.ts";

/** Options of `createEvents`. */
export interface EventsOptions {
  /** Where events are kept; nobody closes it but you. */
  readonly store: EventStore;
  /** Says when events were published, and are handed out again. */
  readonly clock: Clock;
  /** Names events, and lives of groups. */
  readonly random: Random;
  /** Is told what could not be done, and is tried again. */
  readonly log: Log;
}

/** Opens events over a store. */
export async function createEvents(options: EventsOptions): Promise<Events> {
  const events = new StoredEvents(options);
  await events.open();
  return events;
}

/**
 * Owns who writes and who waits in this process; all that must outlive it is in the store. I1: an event is answered for after the store has it, never before. I2: what a
 * group does is written before anybody is told of it. I3: an event that dies is a dead letter before the group lets go of it.
 */
class StoredEvents implements Events {
  readonly #options: EventsOptions;
  readonly #store: EventStore;
  readonly #topics: Topics;
  readonly #bells: EventBells;
  readonly #ground: StepGround;
  readonly #writers = new Map<string, TopicWriter>();
  readonly #keepers = new Map<string, GroupKeeper>();
  /** Groups that are being told of their dead letters. */
  readonly #burying = new Map<string, Promise<void>>();
  readonly #ended = new AbortController();
  readonly #sweep: EventSweep;
  #stopHearing: (() => Promise<void>) | undefined;

  constructor(options: EventsOptions) {
    const { clock, random } = options;
    const store = guardEventStore(options.store);
    this.#options = options;
    this.#store = store;
    this.#topics = createTopics(store, clock);
    this.#bells = createEventBells(clock);
    const epoch = () => Buffer.from(random.bytes(6)).toString("hex");
    this.#sweep = createEventSweep({ ...options, store }, this.#topics);
    this.#ground = { store, now: () => Math.floor(clock.now()), epoch };
  }

  async open(): Promise<void> {
    this.#stopHearing = await this.#store.listen?.((log) => {
      if (log === undefined) this.#bells.ring();
      else this.#bells.ring(logKey(log));
    });
  }

  async publish(log: LogName, events: readonly PublishEvent[], { agent }: { readonly agent: string }) {
    if (parseTopic(log.topic).deadOf !== undefined)
      throw new OrreryError(
        "invalid_argument",
        `Cannot publish to "${log.topic}": dead letters come from their group alone, publish to a topic`,
      );
    assertEvents(log, events);
    const [at, { random }] = [this.#ground.now(), this.#options];
    const entries = events.map((event) => {
      const { id = Buffer.from(random.bytes(12)).toString("hex"), key = "", attributes = {}, body } = event;
      const { contentType = "application/octet-stream" } = event;
      return entryOf({ id, key, at, agent, attributes, contentType, body });
    });
    const appended = await this.#writer(log).append(entries); // I1
    return appended.map((one, index) => ({ ...one, id: entries[index]?.id ?? "" }));
  }

  async fetch(name: GroupName, options: TakeOptions & { readonly max?: number; readonly waitMs?: number }) {
    const { max = 1, waitMs = 0, consumer = "" } = options;
    assertCount(max, "at once", name);
    await this.#openGroup(name, options);
    const wish = { by: consumer, max };
    return this.#take(name, wish, { ...options, waitMs: Math.min(waitMs, FETCH_WAIT_MS_MAX) });
  }

  async *consume(name: GroupName, options: TakeOptions & { readonly inHand?: number }): AsyncGenerator<EventDelivery> {
    const { inHand = IN_HAND, consumer = this.#ground.epoch() } = options;
    assertCount(inHand, "in hand", name);
    await this.#openGroup(name, options);
    const signal = AbortSignal.any([this.#ended.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    const wish = { by: consumer, max: inHand, inHandMax: inHand };
    while (!signal.aborted)
      yield* await this.#take(name, wish, { ...options, signal, waitMs: Number.POSITIVE_INFINITY });
  }

  ack(name: GroupName, receipts: readonly string[]) {
    return this.#settle(name, receipts, { kind: "ack" });
  }

  nack(
    name: GroupName,
    receipts: readonly string[],
    { delayMs = 0, why = "" }: { readonly delayMs?: number; readonly why?: string } = {},
  ) {
    return this.#settle(name, receipts, { kind: "nack", delayMs, why });
  }

  extend(name: GroupName, receipts: readonly string[], visibilityMs: number) {
    return this.#settle(name, receipts, { kind: "extend", visibilityMs });
  }

  async read(log: LogName, { from, limit = 100 }: Parameters<Events["read"]>[1]) {
    await this.#topics.get(log);
    const start = await offsetAt(this.#store, log, from);
    const entries = await this.#store.logs.read(log, { from: start, limit: Math.min(limit, EVENTS_AT_ONCE_MAX) });
    const last = entries.at(-1);
    return { events: entries.map((entry) => eventOf(log, entry)), next: last === undefined ? start : last.offset + 1 };
  }

  async *follow(
    log: LogName,
    { from = { kind: "earliest" }, signal, check }: Pick<TakeOptions, "from" | "signal" | "check">,
  ) {
    const ended = AbortSignal.any([this.#ended.signal, ...(signal === undefined ? [] : [signal])]);
    const ear = this.#bells.listen([logKey(log)]);
    try {
      await this.#topics.get(log);
      for (let next = await offsetAt(this.#store, log, from); !ended.aborted; ) {
        await check?.();
        const page = await this.read(log, { from: { kind: "offset", offset: next } });
        yield* page.events;
        next = page.next;
        if (page.events.length === 0) await ear.wait(this.#lookEveryMs(), ended);
      }
    } finally {
      ear.close();
    }
  }

  async republish(log: LogName, offsets: readonly number[]) {
    const { topic, deadOf } = parseTopic(log.topic);
    if (deadOf === undefined)
      throw new OrreryError(
        "invalid_argument",
        `Cannot publish again from "${log.topic}": its events are no dead letters, name a topic such as ${deadTopic(topic, "billing")}`,
      );
    await this.#topics.get(log);
    const letters = await this.#store.logs.pick(log, offsets);
    const missing = offsets.find((offset) => letters.every((letter) => letter.offset !== offset));
    if (missing !== undefined)
      throw new OrreryError("not_found", `Cannot publish again from "${log.topic}": it has no event at ${missing}`);
    const entries = letters.map((letter) => {
      const { offset: _, topic: __, ...event } = eventOf(log, letter);
      return entryOf({ ...event, at: this.#ground.now(), forGroup: deadOf }, `/again/${deadOf}${letter.id}`);
    });
    const appended = await this.#writer({ space: log.space, topic }).append(entries);
    await this.#store.logs.trim(log, { offsets });
    return appended;
  }

  topics(space: number) {
    return this.#topics.list(space);
  }

  async setTopic(log: LogName, settings: Parameters<Events["setTopic"]>[1]) {
    parseTopic(log.topic);
    const { keepMs, keepBytes } = await this.#topics.set(log, settings);
    await this.#sweep.trim(log, { keepMs, keepBytes });
    const { first, next, entries: events, bytes } = await this.#store.logs.head(log);
    return { topic: log.topic, keepMs, keepBytes, first, next, events, bytes };
  }

  async removeTopic(log: LogName): Promise<void> {
    await this.#topics.get(log);
    const names = await this.#store.records.list(log.space);
    const dead = names.filter(({ topic }) => topic.startsWith(deadTopic(log.topic, "")));
    for (const topic of new Set([log.topic, ...dead.map((one) => one.topic)])) {
      await this.#store.drop(log.space, topic);
      this.#topics.forget({ space: log.space, topic });
    }
    this.#forgetKeepers(`${logKey(log)} `);
    this.#bells.ring(logKey(log));
  }

  async groups(log: LogName): Promise<readonly GroupView[]> {
    await this.#topics.get(log);
    const records = await this.#groupRecords(log);
    const { next, first } = await this.#store.logs.head(log);
    const views = await Promise.all(
      records.map(async ({ group, value }) => {
        const dead = await this.#store.logs.head({ space: log.space, topic: deadTopic(log.topic, group) });
        return groupView(group, parseGroup(value), { first, next, dead: dead.entries });
      }),
    );
    return views.sort((one, other) => (one.group < other.group ? -1 : 1));
  }

  async setGroup(name: GroupName, { settings = {}, to }: Parameters<Events["setGroup"]>[1]): Promise<void> {
    await this.#openGroup(name, { settings, ...(to !== undefined && { from: to }) });
    await this.#keeper(name).run(async (draft) => {
      const state: GroupState = { ...existing(draft, name), ...settings };
      const { epoch } = this.#ground;
      draft.state =
        to === undefined ? state : seek(state, { next: await offsetAt(this.#store, name, to), epoch: epoch() });
    });
    this.#bells.ring(groupKey(name));
  }

  async removeGroup(name: GroupName): Promise<void> {
    assertGroup(name);
    await this.#keeper(name).run((draft) => {
      existing(draft, name);
      draft.state = undefined;
    });
    await this.#store.drop(name.space, deadTopic(name.topic, name.group));
    this.#bells.ring(groupKey(name));
  }

  sweep(): Promise<void> {
    return this.#sweep.run();
  }

  spaces() {
    return this.#store.spaces();
  }

  async drop(space: number): Promise<void> {
    await this.#store.drop(space);
    this.#topics.forget();
    this.#forgetKeepers(`${space} `);
    this.#bells.ring();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#stopHearing?.();
    await this.#sweep[Symbol.asyncDispose]();
    await Promise.all(this.#burying.values());
  }

  /** Takes events; waits for the first as long as it may. */
  async #take(
    name: GroupName,
    wish: { readonly by: string; readonly max: number; readonly inHandMax?: number },
    { waitMs, signal, check }: Pick<TakeOptions, "signal" | "check"> & { readonly waitMs: number },
  ): Promise<readonly EventDelivery[]> {
    const { clock } = this.#options;
    const ear = this.#bells.listen([logKey(name), groupKey(name)]);
    const end = clock.monotonic() + waitMs;
    try {
      for (;;) {
        await check?.();
        const { deliveries, due } = await this.#keeper(name).run(takeStep(name, this.#ground, wish)); // I2
        const leftMs = end - clock.monotonic();
        if (deliveries.length > 0 || leftMs <= 0 || signal?.aborted) return deliveries;
        const dueMs = due === undefined ? Number.POSITIVE_INFINITY : due - clock.now();
        await ear.wait(Math.min(leftMs, dueMs, this.#lookEveryMs()), signal);
        if (signal?.aborted) return [];
      }
    } finally {
      ear.close();
    }
  }

  async #settle(name: GroupName, receipts: readonly string[], settlement: Settlement): Promise<readonly Settled[]> {
    assertGroup(name);
    assertCount(receipts.length, "at once", name);
    if (settlement.kind === "extend") assertGroupSettings(name, settlement);
    if (settlement.kind === "nack") assertGroupSettings(name, {}, settlement.delayMs);
    const outcomes = await this.#keeper(name).run(settleStep(name, this.#ground, { receipts, settlement }));
    this.#bells.ring(groupKey(name));
    return outcomes;
  }

  /** Makes a group where it is missing, and its topic. */
  async #openGroup(name: GroupName, { from = { kind: "earliest" }, settings = {} }: TakeOptions): Promise<void> {
    assertGroup(name);
    assertGroupSettings(name, settings);
    const { space, topic } = name;
    await this.#topics.ensure({ space, topic });
    const keeper = this.#keeper(name);
    if (await keeper.run(({ state }) => state !== undefined)) return;
    const others = await this.#groupRecords(name);
    if (others.length >= GROUPS_MAX)
      throw new OrreryError(
        "resource_exhausted",
        `Cannot make group "${name.group}" of "${topic}": it has ${others.length}, which is the limit, remove some`,
      );
    await keeper.run(openStep(name, this.#ground, { from, settings: { ...USUAL_GROUP, ...settings } }));
  }

  async #groupRecords({ space, topic }: LogName) {
    return (await this.#store.records.list(space)).filter((one) => one.topic === topic && one.group !== "");
  }

  #keeper(name: GroupName): GroupKeeper {
    const { space, topic, group } = name;
    const key = groupKey(name);
    const kept = this.#keepers.get(key);
    if (kept !== undefined) return kept;
    makeRoom(this.#keepers);
    const onTurn = (state: GroupState | undefined) => {
      if (state?.held.some(({ kind }) => kind === "dying")) this.#bury({ space, topic, group });
    };
    const { clock } = this.#options;
    const keeper = createGroupKeeper({ space, topic, group }, { store: this.#store, clock, onTurn });
    this.#keepers.set(key, keeper);
    return keeper;
  }

  /** What they believe is no longer so; others come in their place. */
  #forgetKeepers(prefix: string): void {
    for (const key of this.#keepers.keys()) if (key.startsWith(prefix)) this.#keepers.delete(key);
  }

  /** Has events that die become dead letters; where that fails, whoever looks next has it done. */
  #bury(name: GroupName): void {
    const key = groupKey(name);
    if (this.#burying.has(key)) return;
    const bury = async () => {
      try {
        await this.#topics.ensure({ space: name.space, topic: deadTopic(name.topic, name.group) });
        if ((await this.#keeper(name).run(buryStep(name, this.#ground))) > 0) this.#bells.ring(key); // I3
      } catch (error) {
        this.#options.log.warn("dead letters could not be written, it is tried again", { error: String(error) });
      } finally {
        this.#burying.delete(key);
      }
    };
    this.#burying.set(key, bury());
  }

  #writer(log: LogName): TopicWriter {
    const { space, topic } = log;
    const key = logKey(log);
    const kept = this.#writers.get(key);
    if (kept !== undefined) return kept;
    makeRoom(this.#writers);
    const onAppend = () => this.#bells.ring(key);
    const writer = createTopicWriter({ space, topic }, { store: this.#store, topics: this.#topics, onAppend });
    this.#writers.set(key, writer);
    return writer;
  }

  /** How often to look whether others wrote. */
  #lookEveryMs(): number {
    return this.#store.isShared ? EVENTS_LOOK_EVERY_MS : Number.POSITIVE_INFINITY;
  }
}

function groupKey({ group, ...log }: GroupName): string {
  return `${logKey(log)} ${group}`;
}

/** Forgets those that do nothing where too many are known. */
function makeRoom(known: Map<string, { readonly isIdle: boolean }>): void {
  if (known.size < GROUPS_KEPT) return;
  for (const [key, { isIdle }] of known) if (isIdle) known.delete(key);
}

function assertCount(count: number, what: string, { topic, group }: GroupName): void {
  if (Number.isInteger(count) && count >= 1 && count <= IN_HAND_MAX) return;
  throw new OrreryError(
    "invalid_argument",
    `Cannot take ${count} events ${what} for group "${group}" of "${topic}": from 1 to ${IN_HAND_MAX} may be`,
  );
}
