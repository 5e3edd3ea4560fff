import { isControl, Kind } from "@orrery/core/internal";
import type { ChoiceSite, Choices } from "../chance/choices.ts";
import { REPEAT_MS, REPEATS_MAX, TICKS_PER_MS } from "../limits.ts";
import { Phase } from "../order/event-key.ts";
import { createLane, type Lane } from "../order/lane.ts";
import type { Happening } from "../order/scheduler.ts";
import { type Frame, sizeOf } from "./frame.ts";
import { drawLatency, leastLatency } from "./latency.ts";
import { assertLinkModel, type LinkModel } from "./link-model.ts";
import { decodeMessage, encodeMessage } from "./message-bytes.ts";
import type { Verdict } from "./message-rules.ts";
import type { Place } from "./sim-network.ts";

/** One direction between two nodes: what is put in at one end comes out at the other, later, in order. */
export interface Cable {
  /** How frames pass at present. */
  readonly model: LinkModel;
  /** Frames that are held back or on their way. */
  readonly backlog: number;
  /** Puts in a frame. */
  put(frame: Frame): void;
  /** Changes how frames pass from now on. */
  change(model: LinkModel): void;
  /** Holds everything back from now on; what is on its way already still arrives. */
  hold(): void;
  /** Lets go of what was held back, as if each had been put in now. */
  release(): void;
  /** Lets go of frames that no rule holds any more. */
  flush(): void;
}

/** The event of a frame that arrives. */
export type Arrival = Happening & { readonly frame: Frame };

/** What all cables of a network share: there may be a million of them. */
export interface CableHub {
  readonly choices: Choices;
  now(): number;
  /** What rules say of a frame. */
  judge(from: Place, to: Place, frame: Frame): Verdict | undefined;
  /** Plans the arrival of a frame, and gives its tick. */
  carry(from: Place, to: Place, delayTicks: number, arrival: Arrival): number;
  /** Takes a frame that has arrived. */
  arrive(from: Place, to: Place, frame: Frame): void;
  /** Told of what will never arrive. */
  lost(from: Place, to: Place, frame: Frame, why: string): void;
}

/** Options of a cable. */
export interface CableOptions {
  readonly from: Place;
  readonly to: Place;
  readonly model: LinkModel;
  readonly hub: CableHub;
}

/** Makes a cable that lets through. @throws OrreryError `invalid_argument` for a model that cannot be. */
export function createCable(options: CableOptions): Cable {
  return new OrderedCable(options);
}

interface Waiting {
  readonly frame: Frame;
  readonly verdict: Verdict | undefined;
}

/** Arrivals that are over and still kept, at most, but for as many as there are others. */
const SPENT_MAX = 8;

/** Owns what is held back. I1: what was put in first arrives first, as over one TCP connection, but for what a model lets be overtaken. */
class OrderedCable implements Cable {
  readonly #from: Place;
  readonly #to: Place;
  readonly #hub: CableHub;
  readonly #waiting: Waiting[] = [];
  readonly #lane: Lane = createLane();
  /** Ticks of arrivals, in their order; those before `#arrived` are over. */
  readonly #arrivals: number[] = [];
  #arrived = 0;
  /** Made at the first choice besides the latency: most cables make none, and there may be a million of them. */
  #sites: Map<string, ChoiceSite> | undefined;
  readonly #latency: ChoiceSite;
  readonly #drawLatency: Parameters<ChoiceSite["next"]>[0];
  #leastTicks = 0;
  model: LinkModel;
  #isHeld = false;
  #isBad = false;
  /** Until when the bytes put in before take up the cable. */
  #freeTick = 0;

  constructor({ from, to, model, hub }: CableOptions) {
    this.#from = from;
    this.#to = to;
    this.#hub = hub;
    this.model = model;
    this.#latency = hub.choices.site("latency", this.#name);
    this.#drawLatency = (random) => drawLatency(this.model.latency ?? LATENCY_MS, random);
    this.change(model);
  }

  change(model: LinkModel): void {
    assertLinkModel(model);
    this.model = model;
    this.#leastTicks = leastLatency(model.latency ?? LATENCY_MS);
  }

  /** As its choices are named. */
  get #name(): string {
    return `${this.#from.name}>${this.#to.name}`;
  }

  get backlog(): number {
    const nowTick = this.#hub.now();
    while ((this.#arrivals[this.#arrived] ?? Number.POSITIVE_INFINITY) <= nowTick) this.#arrived++;
    if (this.#arrived > SPENT_MAX && this.#arrived * 2 > this.#arrivals.length) {
      this.#arrivals.splice(0, this.#arrived);
      this.#arrived = 0;
    }
    return this.#waiting.length + this.#arrivals.length - this.#arrived;
  }

  put(frame: Frame): void {
    const verdict = this.#hub.judge(this.#from, this.#to, frame);
    if (this.#isHeld || this.#waiting.length > 0 || verdict?.isHeld() === true) this.#waiting.push({ frame, verdict });
    else this.#send(frame, verdict);
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.flush();
  }

  flush(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#isHeld || first.verdict?.isHeld() === true) return;
      this.#waiting.shift();
      this.#send(first.frame, first.verdict);
    }
  }

  #send(frame: Frame, verdict: Verdict | undefined): void {
    const { loss, duplicate = 0, corrupt = 0 } = this.model;
    const isLoose = isDatagram(frame);
    if (verdict?.isDropped === true) {
      this.#lose(frame, "dropped");
      return;
    }
    const isLost = loss !== undefined && this.#loses();
    const sent = isLoose && !isLost && this.#chance("corrupt", corrupt) ? this.#corrupt(frame) : frame;
    if ((isLost && isLoose) || sent === undefined) {
      this.#lose(frame, isLost ? "lost" : "damaged");
      return;
    }
    const delayTicks = (verdict?.delayMs ?? 0) * TICKS_PER_MS + (isLost ? this.#repeatTicks() : 0);
    this.#carry(sent, isLoose, delayTicks);
    if (verdict?.isDoubled === true || (isLoose && this.#chance("duplicate", duplicate)))
      this.#carry(sent, isLoose, delayTicks);
  }

  #lose(frame: Frame, why: string): void {
    this.#hub.lost(this.#from, this.#to, frame, why);
  }

  #carry(frame: Frame, isLoose: boolean, extraTicks: number): void {
    const from = this.#from;
    const to = this.#to;
    const hub = this.#hub;
    const { reorder } = this.model;
    const latencyTicks = this.#latency.next(this.#drawLatency, this.#leastTicks);
    let delayTicks = Math.round(extraTicks) + latencyTicks + this.#queueTicks(frame);
    const mayBeOvertaken = isLoose && reorder !== undefined && this.#chance("reorder", reorder.share);
    if (mayBeOvertaken && reorder !== undefined) {
      const mostTicks = Math.round(reorder.byMs * TICKS_PER_MS);
      delayTicks += this.#site("reorder by").next((random) => Math.round(random.next() * mostTicks));
    }
    const lane = mayBeOvertaken ? undefined : this.#lane; // I1
    const run = () => hub.arrive(from, to, frame);
    const arrival = { phase: Phase.delivery, target: to.number, origin: from.number, frame, lane, run };
    const tick = hub.carry(from, to, delayTicks, arrival);
    if (!mayBeOvertaken) this.#arrivals.push(tick);
  }

  /** Time until a frame has been put in as a whole, after those before it. */
  #queueTicks(frame: Frame): number {
    const { bytesPerSecond } = this.model;
    if (bytesPerSecond === undefined) return 0;
    const tick = this.#hub.now();
    const takesTicks = (sizeOf(frame) * 1000 * TICKS_PER_MS) / bytesPerSecond;
    this.#freeTick = Math.max(this.#freeTick, tick) + takesTicks;
    return Math.round(this.#freeTick - tick);
  }

  #loses(): boolean {
    const { loss = 0 } = this.model;
    if (typeof loss === "number") return this.#chance("loss", loss);
    const { enter, leave, loss: share = 1 } = loss;
    if (this.#chance(this.#isBad ? "burst ends" : "burst begins", this.#isBad ? leave : enter))
      this.#isBad = !this.#isBad;
    return this.#isBad && this.#chance("loss", share);
  }

  /** A medium that repeats what it lost takes longer, and longer again when it loses that, too. */
  #repeatTicks(): number {
    let waitMs = REPEAT_MS;
    for (let repeats = 1; repeats < REPEATS_MAX && this.#loses(); repeats++) waitMs += REPEAT_MS * 2 ** repeats;
    return waitMs * TICKS_PER_MS;
  }

  /** Flips a bit of a message; undefined when it cannot be read any more. */
  #corrupt(frame: Frame): Frame | undefined {
    if (frame.kind !== "message") return frame;
    const bytes = encodeMessage(frame.message, 0);
    const bit = this.#site("corrupt bit").next((random) => random.integer(bytes.length * 8));
    const at = Math.min(bit >> 3, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
    try {
      const message = decodeMessage(bytes, 0);
      if (message === undefined || isControl(message) || (message.head === undefined && needsHead(message.kind)))
        return undefined;
      return { ...frame, message };
    } catch {
      return undefined;
    }
  }

  #chance(purpose: string, share: number): boolean {
    return share > 0 && this.#site(purpose).next((random) => (random.next() < share ? 1 : 0)) === 1;
  }

  #site(purpose: string): ChoiceSite {
    this.#sites ??= new Map();
    let site = this.#sites.get(purpose);
    if (site === undefined) {
      site = this.#hub.choices.site(purpose, this.#name);
      this.#sites.set(purpose, site);
    }
    return site;
  }
}

/** How long a message is on its way where a model does not say, in ms. */
export const LATENCY_MS = 0.1;

const DATAGRAMS: ReadonlySet<number> = new Set([Kind.request, Kind.reply, Kind.cancel, Kind.oneWay, Kind.broadcast]);

/** Whether a frame goes by itself: it may be lost without harm to others. */
function isDatagram(frame: Frame): boolean {
  return frame.kind === "message" && !isControl(frame.message) && DATAGRAMS.has(frame.message.kind);
}

function needsHead(kind: number): boolean {
  return kind === Kind.request || kind === Kind.oneWay || kind === Kind.broadcast;
}
