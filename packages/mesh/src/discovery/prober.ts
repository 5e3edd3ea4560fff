import type { Clock, Random } from "@orrery/core";
import type { Link } from "@orrery/core/internal";
import type { Alarms } from "./alarms.ts";
import type { Courier } from "./courier.ts";
import { drawSome, shuffled } from "./draw-some.ts";
import type { Coordinates } from "./entry.ts";
import { HELPED_MAX, HELPERS, PROBES_OPEN_MAX } from "./limits.ts";
import type { LocalHealth } from "./local-health.ts";
import type { Member } from "./member.ts";
import type { MemberTable } from "./member-table.ts";
import type { GossipTiming } from "./timing.ts";

/** Options of a prober. */
export interface ProberOptions {
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly random: Random;
  readonly table: MemberTable;
  readonly courier: Courier;
  readonly health: LocalHealth;
  readonly timing: GossipTiming;
  /** Told at the beginning of each turn. */
  readonly onTurn: () => void;
  /** Told of a member that answered neither this node nor others. */
  readonly onSilent: (member: Member) => void;
  /** Told of a member that answered, maybe by way of others. */
  readonly onAlive: (member: Member) => void;
  /** Told of a member's own answer, with the time that it took. */
  readonly onAnswer: (member: Member, roundTripMs: number, coordinates: Coordinates | undefined) => void;
}

/** Asks neighbours in turn whether they live. */
export interface Prober {
  start(): void;
  /** Asks one out of turn, unless that is being done. */
  probe(member: Member): void;
  /** Takes an answer. */
  answered(id: number, coordinates: Coordinates | undefined): void;
  /** Takes a helper's word that it got no answer either. */
  unanswered(id: number): void;
  /** Asks a member for another node. */
  help(link: Link, question: { readonly id: number; readonly target: string; readonly address: string }): void;
}

/** Makes a prober. */
export function createProber(options: ProberOptions): Prober {
  return new TurnProber(options);
}

interface Probe {
  readonly member: Member;
  readonly incarnation: number;
  readonly sentMs: number;
  helpers: number;
  nacks: number;
}

/** A probe for another node. */
interface Help {
  readonly link: Link;
  readonly id: number;
}

/**
 * Owns: the probes that are open. I1: a probe ends once, by an answer or as silence, after one probe interval. I2: a member has at most one
 * open probe. I3: silence counts only when this node itself was not standing still meanwhile.
 */
class TurnProber implements Prober {
  readonly #options: ProberOptions;
  readonly #open = new Map<number, Probe>();
  readonly #helped = new Map<number, Help>();
  #turns: Member[] = [];
  #lastId = 0;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  start(): void {
    const { alarms, random, timing } = this.#options;
    alarms.after(random.next() * timing.probeMs, (lateMs) => this.#turn(lateMs));
  }

  probe(member: Member): void {
    const { clock, courier, alarms, timing, health } = this.#options;
    if (this.#open.size >= PROBES_OPEN_MAX || this.#isOpen(member)) return; // I2
    const id = this.#nextId();
    const { incarnation, node: target } = member;
    const probe: Probe = { member, incarnation, sentMs: clock.monotonic(), helpers: 0, nacks: 0 };
    this.#open.set(id, probe);
    courier.tell(member, { kind: "probe", id, target }, member.status === "suspect" ? member : undefined);
    alarms.after(timing.probeTimeoutMs * health.factor, () => this.#askOthers(id, probe));
    alarms.after(timing.probeMs * health.factor, (lateMs) => this.#conclude(id, probe, lateMs));
  }

  answered(id: number, coordinates: Coordinates | undefined): void {
    const help = this.#helped.get(id);
    if (help !== undefined) {
      this.#helped.delete(id);
      this.#options.courier.reply(help.link, { kind: "ack", id: help.id, coordinates: undefined });
      return;
    }
    const probe = this.#open.get(id);
    if (probe === undefined) return;
    this.#open.delete(id); // I1
    const { clock, health, onAnswer, onAlive } = this.#options;
    health.note(-1);
    if (probe.member.incarnation === probe.incarnation) onAlive(probe.member);
    if (probe.helpers === 0) onAnswer(probe.member, clock.monotonic() - probe.sentMs, coordinates);
  }

  unanswered(id: number): void {
    const probe = this.#open.get(id);
    if (probe !== undefined && probe.nacks < probe.helpers) probe.nacks++;
  }

  help(
    link: Link,
    { id, target, address }: { readonly id: number; readonly target: string; readonly address: string },
  ): void {
    const { alarms, courier, timing, table } = this.#options;
    if (this.#helped.size >= HELPED_MAX) return;
    const own = this.#nextId();
    this.#helped.set(own, { link, id });
    const member = table.get(target);
    const question = { kind: "probe", id: own, target } as const;
    if (member === undefined || !courier.tell(member, question)) courier.tellAt(address, question);
    // In time for the asker, who waits for one probe interval from the beginning.
    alarms.after((timing.probeMs - timing.probeTimeoutMs) * 0.8, () => {
      if (this.#helped.delete(own)) courier.reply(link, { kind: "nack", id });
    });
  }

  #turn(lateMs: number): void {
    const { alarms, health, timing, onTurn } = this.#options;
    if (lateMs > timing.probeTimeoutMs) health.note(1);
    alarms.after(timing.probeMs * health.factor, (late) => this.#turn(late));
    onTurn();
    const next = this.#nextInTurn();
    if (next !== undefined) this.probe(next);
  }

  /** Each neighbour once a round, in an order that is drawn for each round. */
  #nextInTurn(): Member | undefined {
    const { table, random } = this.#options;
    const neighbours = table.neighbours();
    for (let round = 0; round < 2; round++) {
      for (let next = this.#turns.pop(); next !== undefined; next = this.#turns.pop())
        if (next.isThere && neighbours.includes(next)) return next;
      this.#turns = shuffled(neighbours, random);
    }
    return undefined;
  }

  #askOthers(id: number, probe: Probe): void {
    if (this.#open.get(id) !== probe) return;
    const { table, random, courier } = this.#options;
    const { member } = probe;
    courier.insist(member, { kind: "probe", id, target: member.node }); // Where datagrams are kept from it, it is not dead.
    const [address = ""] = member.addresses;
    const others = table.neighbours().filter((other) => other !== member && other.status === "alive");
    for (const helper of drawSome(others, HELPERS, random))
      if (courier.tell(helper, { kind: "indirectProbe", id, target: member.node, address })) probe.helpers++;
  }

  #conclude(id: number, probe: Probe, lateMs: number): void {
    if (this.#open.get(id) !== probe) return;
    this.#open.delete(id); // I1
    const { health, onSilent, timing } = this.#options;
    const { member, helpers, nacks, incarnation } = probe;
    health.note(helpers > 0 ? helpers - nacks : 1);
    if (lateMs > timing.probeTimeoutMs) return; // I3
    if (member.isThere && member.incarnation === incarnation) onSilent(member);
  }

  #isOpen(member: Member): boolean {
    for (const probe of this.#open.values()) if (probe.member === member) return true;
    return false;
  }

  #nextId(): number {
    this.#lastId = (this.#lastId + 1) >>> 0;
    return this.#lastId;
  }
}
