import { GROUP_HELD_MAX } from "./limits.ts";

/** An event that a group has seen and has not done with. */
export interface Held {
  readonly offset: number;
  /** Of events with one key, one is out at a time, the oldest first. Empty: it waits for none. */
  readonly key: string;
  /** `waiting`: to be handed out from `due` on. `out`: a consumer has it, until `due`. `dying`: it becomes a dead letter. */
  readonly kind: "waiting" | "out" | "dying";
  /** How often it was handed out. */
  readonly attempt: number;
  /** In ms since 1970. */
  readonly due: number;
  /** Who has it, or had it last. */
  readonly by: string;
  /** Why it was given back last. */
  readonly why?: string;
}

/** How often a group hands out an event, and for how long. */
export interface GroupSettings {
  /** Then it is a dead letter; 0: never. */
  readonly attemptsMax: number;
  /** How long a consumer has for an event before it is handed out again. */
  readonly visibilityMs: number;
}

/**
 * Where a group is in its topic. I1: every event before `next` that is not held is done with, and never handed out again. I2: held events are in
 * the order of their offsets, up to `GROUP_HELD_MAX`. I3: of one key no event is out but the oldest that is held.
 */
export interface GroupState extends GroupSettings {
  /** Differs each time that the group is put elsewhere, so that receipts of before count no more. */
  readonly epoch: string;
  readonly next: number;
  readonly held: readonly Held[];
}

/** One handing out of an event. */
export interface Receipt {
  readonly epoch: string;
  readonly offset: number;
  readonly attempt: number;
}

/** Who takes events. */
export interface Taking {
  readonly by: string;
  /** Most that are taken. */
  readonly max: number;
  /** In ms since 1970. */
  readonly now: number;
}

/** Hands out what may be handed out now, the oldest first. What was handed out too often dies instead. */
export function takeHeld(
  state: GroupState,
  { by, max, now }: Taking,
): { readonly state: GroupState; readonly taken: readonly Held[] } {
  let room = max;
  const taken: Held[] = [];
  const busy = new Set<string>();
  const held = state.held.map((one): Held => {
    const isBlocked = one.key !== "" && busy.has(one.key);
    busy.add(one.key);
    if (isBlocked || one.kind === "dying" || one.due > now) return one; // I3
    if (isSpent(one, state)) return { ...one, kind: "dying", why: one.why ?? TOO_LATE };
    if (room <= 0) return one;
    room--;
    const out: Held = { ...one, kind: "out", attempt: one.attempt + 1, due: now + state.visibilityMs, by };
    taken.push(out);
    return out;
  });
  return { state: { ...state, held }, taken };
}

/** How many events somebody has, whose time is not over. */
export function inHand(state: GroupState, { by, now }: Pick<Taking, "by" | "now">): number {
  return state.held.filter((one) => one.kind === "out" && one.by === by && one.due > now).length;
}

/** How many events a group may see besides. */
export function roomOf({ held }: GroupState): number {
  return GROUP_HELD_MAX - held.length; // I2
}

/** Lets a group see what comes next: each of these, up to before `next`. */
export function admit(
  state: GroupState,
  { seen, next }: { readonly seen: readonly Pick<Held, "offset" | "key">[]; readonly next: number },
): GroupState {
  const fresh = seen.map(({ offset, key }): Held => ({ offset, key, kind: "waiting", attempt: 0, due: 0, by: "" }));
  return { ...state, next, held: [...state.held, ...fresh] };
}

/** What becomes of an event that somebody was handed. */
export type Settlement =
  | { readonly kind: "ack" }
  | { readonly kind: "nack"; readonly delayMs: number; readonly why: string }
  | { readonly kind: "extend"; readonly visibilityMs: number };

/** What a settlement came to: `late` where the event was handed out again since, or the group was put elsewhere. */
export type Settled = "done" | "late";

/** Settles one. Who acks what is done with already is told that it is done. */
export function settle(
  state: GroupState,
  { receipt, settlement, now }: { readonly receipt: Receipt; readonly settlement: Settlement; readonly now: number },
): { readonly state: GroupState; readonly settled: Settled } {
  const { epoch, offset, attempt } = receipt;
  const one = state.held.find((held) => held.offset === offset);
  if (epoch !== state.epoch || offset >= state.next) return { state, settled: "late" };
  if (one === undefined) return { state, settled: settlement.kind === "ack" ? "done" : "late" };
  if (one.kind !== "out" || one.attempt !== attempt) return { state, settled: "late" };
  const replace = (by: readonly Held[]) => ({
    state: { ...state, held: state.held.flatMap((held) => (held === one ? by : [held])) },
    settled: "done" as const,
  });
  switch (settlement.kind) {
    case "ack":
      return replace([]);
    case "extend":
      return replace([{ ...one, due: now + settlement.visibilityMs }]);
    case "nack": {
      const why = settlement.why === "" ? {} : { why: settlement.why };
      if (isSpent(one, state)) return replace([{ ...one, ...why, kind: "dying", why: settlement.why || GIVEN_BACK }]);
      return replace([{ ...one, ...why, kind: "waiting", due: now + settlement.delayMs }]);
    }
  }
}

/** Takes out what is done with otherwise: dead letters that were written, and what is no longer kept. */
export function forget(state: GroupState, offsets: ReadonlySet<number>): GroupState {
  return { ...state, held: state.held.filter(({ offset }) => !offsets.has(offset)) };
}

/** When something that is held may be handed out that may not be now, without anybody doing anything. */
export function nextDue(state: GroupState, now: number): number | undefined {
  const busy = new Set<string>();
  let due: number | undefined;
  for (const one of state.held) {
    const isBlocked = one.key !== "" && busy.has(one.key);
    busy.add(one.key);
    if (isBlocked || one.kind === "dying" || one.due <= now) continue;
    if (due === undefined || one.due < due) due = one.due;
  }
  return due;
}

/** Puts a group elsewhere: nothing is held, and receipts count no more. */
export function seek(state: GroupState, to: { readonly next: number; readonly epoch: string }): GroupState {
  return { ...state, ...to, held: [] };
}

/** Writes a receipt as text. */
export function printReceipt({ epoch, offset, attempt }: Receipt): string {
  return `${epoch}-${offset}-${attempt}`;
}

/** Reads a receipt; nothing where it is none. */
export function parseReceipt(text: string): Receipt | undefined {
  const [, epoch, offset, attempt] = /^([0-9a-f]{1,16})-(\d{1,15})-(\d{1,7})$/.exec(text) ?? [];
  if (epoch === undefined) return undefined;
  return { epoch, offset: Number(offset), attempt: Number(attempt) };
}

function isSpent({ attempt }: Held, { attemptsMax }: GroupSettings): boolean {
  return attemptsMax > 0 && attempt >= attemptsMax;
}

const TOO_LATE = "it was neither acked nor given back in time";
const GIVEN_BACK = "it was given back";
