import { isOrreryError, OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import type { TimedFault } from "../faults/fault.ts";
import { namesIn, readFault } from "../faults/fault-text.ts";
import { TICKS_PER_MS } from "../limits.ts";
import type { OutboundFrame, Place } from "../network/sim-network.ts";
import { Phase } from "../order/event-key.ts";
import type { PlannedEvent } from "../order/event-queue.ts";
import { createLane, type Lane } from "../order/lane.ts";
import type { HostedNode } from "../world/model-node.ts";
import { ModelWorld } from "../world/model-world.ts";
import type { World } from "../world/world.ts";
import type { WorldOptions } from "../world/world-options.ts";
import { describeEvent, keyOf } from "./describe-event.ts";
import type { Grant, MemberFailure, MemberProgress, MemberReport, MemberResult } from "./grant.ts";
import { WINDOW_TICKS_MAX, WINDOWS_WAITING_MAX } from "./limits.ts";
import { lookaheadOf } from "./lookahead.ts";
import type { Placement } from "./placement.ts";
import {
  createWindowReader,
  createWindowWriter,
  type SharedFrame,
  type WindowPacket,
  type WindowReader,
  type WindowWriter,
} from "./window-codec.ts";

/** Options of a member. */
export interface MemberOptions {
  /** Its number, from 0. */
  readonly index: number;
  /** Members that there are. */
  readonly count: number;
  readonly memberOf: Placement;
  /** Options of the world, the same for each member. */
  readonly world?: WorldOptions;
  /** Adds every node of the world, the same for each member. */
  readonly setup: (world: World) => unknown;
  /** Sends a window to another member; they arrive in their order. */
  readonly send: (to: number, bytes: Uint8Array<ArrayBuffer>) => void;
}

/** The part of a world that one process runs, in step with the others. */
export interface Member {
  readonly index: number;
  readonly world: ModelWorld;
  /** Names of its nodes. */
  readonly nodes: readonly string[];
  /** Ticks that a message to another member takes at least. */
  readonly lookahead: number;
  /** Takes a window of another member. */
  take(from: number, bytes: Uint8Array): void;
  /** Runs as far as it may, and says where it stands then. */
  grant(grant: Grant): Promise<MemberReport>;
  /** Asks all members to stop after the window under way; where none is granted, nothing happens. */
  halt(): void;
  /** Stops in the middle of a grant: another member is gone. */
  abandon(): void;
  /** Lets something go wrong at a tick that is not over; every member must be told. @throws OrreryError as `readFault`. */
  plan(line: string, atTick: number): void;
  /** Does something between two windows, as a node of its own; the node's time has been brought up to that of all. */
  inject(node: string, act: (node: HostedNode) => void): void;
  /** Lets a tick that is not over show a wall time; every member must be told. @throws OrreryError for one that goes back. */
  attach(timeMs: number, atTick: number): void;
  progress(): MemberProgress;
  result(): MemberResult;
}

/** Makes a member, and its world. @throws OrreryError `failed_precondition` for a world that cannot be shared. */
export function createMember(options: MemberOptions): Member {
  return new SharedMember(options);
}

/** Of a grant that has no end. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** What one member knows of another. */
interface Peer {
  readonly index: number;
  readonly writer: WindowWriter;
  readonly reader: WindowReader;
  /** Frames of the window under way. */
  frames: SharedFrame[];
  sent: number;
  received: number;
  /** Windows that came and were not looked at. */
  readonly waiting: WindowPacket[];
}

/**
 * Owns its part of the world. I1: nothing is run at or beyond the bound of the window under way, and nothing arrives before it. I2: a window
 * begins when those of all others have come, so that nothing is under way between two windows. I3: all members draw the same conclusions
 * from the same windows, and stop after the same one.
 */
class SharedMember implements Member {
  readonly index: number;
  readonly world: ModelWorld;
  readonly #options: MemberOptions;
  readonly #places: readonly Place[];
  readonly #peers: readonly Peer[];
  readonly #lanes = new Map<string, Lane>();
  readonly #injections: (() => void)[] = [];
  lookahead = Number.POSITIVE_INFINITY;
  #round = -1;
  #bound = 0;
  /** Tick of the earliest event of all members, as their last windows have it. */
  #next = Number.POSITIVE_INFINITY;
  #earliestSent = Number.POSITIVE_INFINITY;
  #events = 0;
  #wantsHalt = false;
  #isHalted = false;
  #isAbandoned = false;
  #words: readonly string[] | undefined;
  #seen: PlannedEvent | undefined;
  #matched = "";
  #failure: MemberFailure | undefined;
  #wake: (() => void) | undefined;

  constructor(options: MemberOptions) {
    const { index, count, memberOf, world = {}, setup } = options;
    if (world.strategy !== undefined) throw unshared("a strategy chooses among all events, and none sees those of all");
    this.#options = options;
    this.index = index;
    this.#peers = Array.from({ length: count }, (_, peer) => newPeer(peer));
    const isHere = (place: Place) => memberOf(place) === index;
    this.world = new ModelWorld(world, { isHere, sendAway: (outbound) => this.#sendAway(outbound) });
    this.world.onEvent = ({ target }) => {
      if (target !== 0 || index === 0) this.#events++; // Each member runs what happens to the world itself; it counts once.
    };
    setup(this.world);
    this.#places = [...this.world.nodes.values()].map(({ place }) => place);
    this.#look();
  }

  get nodes(): readonly string[] {
    const { memberOf } = this.#options;
    return this.#places.filter((place) => memberOf(place) === this.index).map(({ name }) => name);
  }

  take(from: number, bytes: Uint8Array): void {
    const peer = this.#peers[from];
    if (peer === undefined || from === this.index)
      throw new Error(`Cannot take a window of member ${from}: there is none`);
    if (peer.waiting.length >= WINDOWS_WAITING_MAX)
      throw new Error(`Cannot take a window of member ${from}: ${WINDOWS_WAITING_MAX} wait, and it may be one ahead`);
    peer.waiting.push(peer.reader.read(bytes));
    this.#wake?.();
  }

  async grant(grant: Grant): Promise<MemberReport> {
    this.#wantsHalt = false;
    this.#matched = "";
    this.#words = grant.match;
    this.#look();
    // What has come from outside since the last grant is told to all.
    if (this.#round < 0) await this.#begin();
    else await this.#window(async () => undefined);
    if (grant.step !== undefined) await this.#window(() => this.#step(grant));
    else await this.#run(grant);
    this.#isHalted = false;
    return this.#report();
  }

  halt(): void {
    this.#wantsHalt = true;
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#wake?.();
  }

  plan(line: string, atTick: number): void {
    const fault = readFault(line);
    for (const name of namesIn(fault)) if (name !== "*") this.#nodeOf(name);
    const planned = { atMs: atTick / TICKS_PER_MS, fault };
    this.#look([...this.world.faults, planned]); // What cannot be is refused before it is planned.
    this.world.at(planned.atMs, fault);
  }

  attach(timeMs: number, atTick: number): void {
    this.world.attach(timeMs, atTick);
  }

  inject(name: string, act: (node: HostedNode) => void): void {
    const node = this.#nodeOf(name);
    const { number } = node.place;
    this.#injections.push(() => {
      const { scheduler } = this.world;
      if (scheduler.tick < this.#bound && (scheduler.nextTick ?? this.#bound) >= this.#bound)
        scheduler.advance(this.#bound);
      const run = () => act(node);
      scheduler.after(0, { phase: Phase.test, target: number, origin: number, note: "call", isGiven: true, run });
    });
  }

  progress(): MemberProgress {
    const waitsFor = this.#wake === undefined ? [] : this.#missing().map(({ index }) => index);
    return { member: this.index, round: this.#round, events: this.world.events, last: this.#last(), waitsFor };
  }

  result(): MemberResult {
    return { member: this.index, nodes: this.nodes, hashes: [...this.world.trace.hashes] };
  }

  async #run({ untilTick, windowsMax }: Grant): Promise<void> {
    for (let windows = 0; windows < windowsMax; windows++) {
      if (this.#isHalted || this.#isAbandoned) return;
      if (this.#next >= untilTick) return this.#passTo(untilTick);
      const bound = Math.min(this.#next + Math.min(this.lookahead, WINDOW_TICKS_MAX), untilTick);
      await this.#window(() => this.#runBefore(bound));
    }
  }

  /** Nothing is left before a tick that has an end. */
  #passTo(tick: number): void {
    if (tick !== NEVER) this.#bound = Math.max(this.#bound, tick);
  }

  async #runBefore(bound: number): Promise<void> {
    this.#bound = Math.max(this.#bound, bound); // I1
    if ((this.world.scheduler.nextTick ?? bound) >= bound) return; // Saves a turn of the event loop.
    await this.world.runBefore(bound, this.#words === undefined ? undefined : () => this.#isMatched());
  }

  async #step({ step, untilTick }: Grant): Promise<void> {
    this.#bound = Math.max(this.#bound, untilTick);
    if (step === this.index) await this.world.step();
  }

  /** One window: what it runs, and what it tells the others of it and hears from them. */
  async #window(run: () => Promise<void>): Promise<void> {
    if (this.#failure === undefined) {
      try {
        await run();
        const failed = this.world.scripts.failure;
        if (failed !== undefined) this.#fail(failed.error);
      } catch (error) {
        this.#fail(error);
      }
    }
    for (const act of this.#injections.splice(0)) act();
    await this.#exchange();
  }

  async #begin(): Promise<void> {
    await this.#window(async () => {
      this.world.begin();
      await this.world.runBefore(0); // Nothing stands before the beginning: only what starting has led to is awaited.
    });
  }

  /** I2 */
  async #exchange(): Promise<void> {
    this.#round++;
    const next = Math.min(this.world.scheduler.nextTick ?? Number.POSITIVE_INFINITY, this.#earliestSent);
    const halt = this.#wantsHalt || this.#matched !== "" || this.#failure !== undefined;
    this.#earliestSent = Number.POSITIVE_INFINITY;
    for (const peer of this.#peers) if (peer.index !== this.index) this.#tell(peer, next, halt);
    while (this.#missing().length > 0) {
      if (this.#isAbandoned) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    this.#next = next;
    this.#isHalted = halt;
    for (const peer of this.#peers)
      if (peer.index !== this.index) this.#hear(peer, peer.waiting.shift() as WindowPacket);
  }

  #tell(peer: Peer, next: number, halt: boolean): void {
    const { frames, sent } = peer;
    peer.frames = [];
    peer.sent += frames.length;
    const bytes = peer.writer.write({
      member: this.index,
      round: this.#round,
      next: next === Number.POSITIVE_INFINITY ? undefined : next,
      halt,
      framesBefore: sent,
      frames,
    });
    this.#options.send(peer.index, bytes);
  }

  #hear(peer: Peer, { member, round, next, halt, framesBefore, frames }: WindowPacket): void {
    if (member !== peer.index || round !== this.#round || framesBefore !== peer.received)
      this.#fail(
        new Error(
          `Cannot go on: window ${round} of member ${member} came where ${this.#round} of ${peer.index} was due`,
        ),
      );
    peer.received += frames.length;
    this.#next = Math.min(this.#next, next ?? Number.POSITIVE_INFINITY); // I3
    this.#isHalted ||= halt;
    for (const frame of frames) this.#takeIn(frame);
  }

  #takeIn({ frame, inOrder, ...plan }: SharedFrame): void {
    const { from, to, tick } = plan;
    const [fromPlace, toPlace] = [this.#places[from - 1], this.#places[to - 1]];
    if (tick < this.#bound || fromPlace === undefined || toPlace === undefined) {
      this.#fail(new Error(`Cannot take in a frame for tick ${tick}: everything before ${this.#bound} is over`));
      return;
    }
    const run = () => this.world.network.arrive(fromPlace, toPlace, frame);
    const lane = inOrder ? this.#lane(from, to) : undefined;
    this.world.scheduler.takeIn({ ...plan, phase: Phase.delivery, target: to, origin: from, frame, lane, run });
  }

  #nodeOf(name: string): HostedNode {
    const node = this.world.nodes.get(name);
    if (node !== undefined) return node;
    throw new OrreryError("not_found", `Cannot find node "${name}": the world has none of that name`);
  }

  #lane(from: number, to: number): Lane {
    const key = `${from}>${to}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = createLane();
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #sendAway({ plan, from, to, frame }: OutboundFrame): void {
    const { tick, sequence, sentTick = tick, causeOrigin = 0, causeSequence = 0, lane } = plan;
    if (tick < this.#bound) {
      const text = `Cannot send from "${from.name}" to "${to.name}" within ${tick - sentTick} ticks: members run ${this.lookahead} ahead, keep to the link's least latency`;
      this.#fail(new OrreryError("failed_precondition", text));
      return;
    }
    this.#earliestSent = Math.min(this.#earliestSent, tick);
    const inOrder = lane !== undefined;
    const numbers = { from: from.number, to: to.number, tick, sequence, sentTick, causeOrigin, causeSequence };
    this.#peers[this.#options.memberOf(to)]?.frames.push({ frame, inOrder, ...numbers });
  }

  #missing(): readonly Peer[] {
    return this.#peers.filter(({ index, waiting }) => index !== this.index && waiting.length === 0);
  }

  /** Whether the event that ran last is what a grant asked for. */
  #isMatched(): boolean {
    const { current } = this.world.scheduler;
    if (this.#matched !== "") return true;
    if (current === undefined || current === this.#seen) return false;
    this.#seen = current;
    const text = describeEvent(current, this.#places);
    if (this.#words?.every((word) => text.includes(word)) === true) this.#matched = text;
    return this.#matched !== "";
  }

  #look(faults: readonly TimedFault[] = this.world.faults): void {
    const { memberOf } = this.#options;
    const modelOf = (from: Place, to: Place) => this.world.network.modelOf(from, to);
    this.lookahead = lookaheadOf({ places: this.#places, memberOf, modelOf, faults });
  }

  #fail(error: unknown): void {
    const code = isOrreryError(error) ? error.code : "internal";
    this.#failure ??= { code, text: messageOf(error) };
  }

  #report(): MemberReport {
    const { scheduler, scripts } = this.world;
    const next = scheduler.peek();
    return {
      member: this.index,
      round: this.#round,
      bound: this.#bound,
      next: next === undefined ? undefined : keyOf(next),
      events: this.#events,
      sent: this.#peers.map(({ sent }) => sent),
      received: this.#peers.map(({ received }) => received),
      busy: scripts.nodes,
      last: this.#last(),
      lastTick: scheduler.current?.tick ?? 0,
      matched: this.#matched,
      failure: this.#failure,
    };
  }

  #last(): string {
    const { current } = this.world.scheduler;
    return current === undefined ? "" : describeEvent(current, this.#places);
  }
}

function newPeer(index: number): Peer {
  const [writer, reader] = [createWindowWriter(), createWindowReader()];
  return { index, writer, reader, frames: [], sent: 0, received: 0, waiting: [] };
}

function unshared(why: string): OrreryError {
  return new OrreryError("failed_precondition", `Cannot share the clock: ${why}, run the world in one process`);
}
