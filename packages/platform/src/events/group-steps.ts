import { OrreryError } from "@orrery/core";
import { deadTopic } from "./event-names.ts";
import { entryOf, eventOf } from "./event-note.ts";
import type { Entry, EventStore, LogName } from "./event-store.ts";
import type { EventDelivery, GroupName, Position } from "./events.ts";
import type { GroupDraft, GroupStep } from "./group-keeper.ts";
import {
  admit,
  forget,
  type GroupSettings,
  type GroupState,
  type Held,
  inHand,
  nextDue,
  parseReceipt,
  printReceipt,
  roomOf,
  type Settled,
  type Settlement,
  settle,
  takeHeld,
} from "./group-state.ts";
import { IN_HAND } from "./limits.ts";

/** What steps are made over. */
export interface StepGround {
  readonly store: EventStore;
  now(): number;
  /** A text that no other group has. */
  epoch(): string;
}

/** What a take gave. */
export interface Taken {
  readonly deliveries: readonly EventDelivery[];
  /** When there may be more, without anybody doing anything, in ms since 1970. */
  readonly due: number | undefined;
}

/** Finds the offset that a position means now. */
export async function offsetAt({ logs }: EventStore, log: LogName, position: Position): Promise<number> {
  switch (position.kind) {
    case "earliest":
      return (await logs.head(log)).first;
    case "latest":
      return (await logs.head(log)).next;
    case "offset":
      return Math.max(1, position.offset);
    case "time":
      return logs.find(log, position.at);
  }
}

/** Makes a group where it is missing, at a position. */
export function openStep(
  name: GroupName,
  { store, epoch }: StepGround,
  { from, settings }: { readonly from: Position; readonly settings: GroupSettings },
): GroupStep<void> {
  return async (draft) => {
    if (draft.state !== undefined) return;
    draft.state = { ...settings, epoch: epoch(), next: await offsetAt(store, name, from), held: [] };
  };
}

/** Takes events: those that are due again, then those that the group has not seen. */
export function takeStep(
  name: GroupName,
  { store, now }: StepGround,
  wish: { readonly by: string; readonly max: number; readonly inHandMax?: number },
): GroupStep<Taken> {
  return async (draft) => {
    const { by, max, inHandMax = Number.POSITIVE_INFINITY } = wish;
    const before = existing(draft, name);
    const at = now();
    const most = Math.min(max, inHandMax - inHand(before, { by, now: at }));
    let { state, taken } = takeHeld(before, { by, max: most, now: at });
    const bodies = new Map<number, Entry>();
    while (taken.length < most && roomOf(state) > 0) {
      const limit = Math.min(roomOf(state), Math.max(most - taken.length, IN_HAND));
      const entries = await store.logs.read(name, { from: state.next, limit });
      if (entries.length === 0) break;
      for (const entry of entries) bodies.set(entry.offset, entry);
      state = admit(state, seenOf(entries, name));
      const more = takeHeld(state, { by, max: most - taken.length, now: at });
      [state, taken] = [more.state, [...taken, ...more.taken]];
    }
    const missing = taken.map(({ offset }) => offset).filter((offset) => !bodies.has(offset));
    if (missing.length > 0) for (const entry of await store.logs.pick(name, missing)) bodies.set(entry.offset, entry);
    const gone = new Set(missing.filter((offset) => !bodies.has(offset))); // Their topic keeps them no longer.
    if (gone.size > 0) state = forget(state, gone);
    if (!isSame(before, state)) draft.state = state;
    const { epoch } = state;
    const deliveries = taken.flatMap((held) => {
      const entry = bodies.get(held.offset);
      return entry === undefined ? [] : [deliveryOf(held, { entry, name, epoch })];
    });
    return { deliveries, due: nextDue(state, at) };
  };
}

/** Settles what consumers have. */
export function settleStep(
  name: GroupName,
  { now }: StepGround,
  { receipts, settlement }: { readonly receipts: readonly string[]; readonly settlement: Settlement },
): GroupStep<readonly Settled[]> {
  return (draft) => {
    let state = existing(draft, name);
    const at = now();
    const outcomes = receipts.map((text): Settled => {
      const receipt = parseReceipt(text);
      if (receipt === undefined)
        throw new OrreryError(
          "invalid_argument",
          `Cannot settle "${text}": it is no receipt, send back those that came with the events`,
        );
      const { state: next, settled } = settle(state, { receipt, settlement, now: at });
      state = next;
      return settled;
    });
    draft.state = state;
    return outcomes;
  };
}

/**
 * Writes the events that die as dead letters, then lets go of them. Only of those that the store knows to die: what dies in this turn may be acked by
 * somebody else before it is written.
 */
export function buryStep(name: GroupName, { store, now }: StepGround): GroupStep<number> {
  return async (draft) => {
    const { stored, state } = draft;
    if (stored === undefined || state === undefined || stored.epoch !== state.epoch) return 0;
    const dying = stored.held.filter(({ kind }) => kind === "dying");
    const entries = await store.logs.pick(
      name,
      dying.map(({ offset }) => offset),
    );
    const dead = { space: name.space, topic: deadTopic(name.topic, name.group) };
    const letters = entries.map((entry) => {
      const { attempt, why = "" } = dying.find(({ offset }) => offset === entry.offset) as Held;
      const { topic, offset, ...event } = eventOf(name, entry);
      const origin = { topic, group: name.group, offset, attempts: attempt, why, at: now() };
      return entryOf({ ...event, at: now(), origin }, `/${stored.epoch}-${offset}`);
    });
    if (letters.length > 0) await store.logs.append(dead, letters);
    draft.state = forget(state, new Set(dying.map(({ offset }) => offset)));
    return letters.length;
  };
}

/** The group, which must be there. */
export function existing({ state }: GroupDraft, { topic, group }: GroupName): GroupState {
  if (state !== undefined) return state;
  throw new OrreryError(
    "not_found",
    `Cannot use group "${group}" of "${topic}": there is none of this name, look at orrery events groups`,
  );
}

/** What a group sees of entries: not those that are for another one. */
function seenOf(entries: readonly Entry[], name: GroupName) {
  const events = entries.map((entry) => eventOf(name, entry));
  const seen = events.filter(({ forGroup = name.group }) => forGroup === name.group);
  return { seen, next: (entries.at(-1)?.offset ?? 0) + 1 };
}

function deliveryOf(
  { attempt, due, offset }: Held,
  { entry, name, epoch }: { readonly entry: Entry; readonly name: GroupName; readonly epoch: string },
): EventDelivery {
  return { event: eventOf(name, entry), receipt: printReceipt({ epoch, offset, attempt }), attempt, until: due };
}

/** Whether nothing was taken and nothing seen, so that nothing is to be written. */
function isSame(before: GroupState, after: GroupState): boolean {
  return (
    before.next === after.next &&
    before.held.length === after.held.length &&
    before.held.every((one, index) => one === after.held[index])
  );
}
