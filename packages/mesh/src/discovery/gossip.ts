import type { DirectoryHost, Distance, Log } from "@orrery/core";
import type { Link } from "@orrery/core/internal";
import { type Alarms, createAlarms } from "./alarms.ts";
import { movedBy, ORIGIN } from "./coordinates.ts";
import { type Courier, createCourier } from "./courier.ts";
import type { Datagrams } from "./datagrams.ts";
import type { Coordinates } from "./entry.ts";
import { encodeEntry, type RawEntry, readEntryBody } from "./entry-codec.ts";
import { createForeigners, type Foreigners } from "./foreigners.ts";
import type { GatewayFoot } from "./gateway-foot.ts";
import { decodeGossip, type GossipMessage } from "./gossip-codec.ts";
import { ENTRY_BYTES_MAX } from "./limits.ts";
import { createLoadNews } from "./load-news.ts";
import { LocalHealth } from "./local-health.ts";
import { createLookers, type Lookers } from "./lookers.ts";
import { measuredDistance } from "./measured-distance.ts";
import type { Member } from "./member.ts";
import { MemberTable, type Merged } from "./member-table.ts";
import { createNewsQueue } from "./news-queue.ts";
import { loadTurnMs, OwnRecord, servedBy } from "./own-record.ts";
import { createProber, type Prober } from "./prober.ts";
import { createRefusals, type Refusals } from "./refusals.ts";
import { createShareTeller, type ShareTeller } from "./share-teller.ts";
import { createSpreader, encodeNews, headOf, type Spreader } from "./spreader.ts";
import { createSuspicions, type Suspicions } from "./suspicions.ts";
import { createSyncer, type Syncer } from "./syncer.ts";
import type { GossipTiming } from "./timing.ts";

/** Options of gossip. */
export interface GossipPartOptions {
  readonly host: DirectoryHost;
  readonly timing: GossipTiming;
  readonly seeds: readonly string[];
  /** Name of the network; empty for none. */
  readonly network: string;
  /** What the node tells and hears as a gateway. */
  readonly foot: GatewayFoot | undefined;
  /** What carries small messages beside links. Default: nothing does. */
  readonly datagrams?: Datagrams | undefined;
  /** Addresses at which others reach this node. */
  readonly advertise: (opened: readonly string[]) => readonly string[];
  /** Told of a member that is otherwise than before. */
  readonly onChange: (member: Member) => void;
  /** Told now and then which addresses are of use. */
  readonly onSweep: (isOfUse: (address: string) => boolean) => void;
}

/**
 * Knows who is there: SWIM with suspicion (Das and others, 2002) and local health (Lifeguard, 2018) among neighbours on rings. Owns: the
 * table of members, what this node says of itself, and all timers.
 * I1: only the node itself raises its version. I2: who is not heard is suspected first, and has time to deny. I3: a node that has no address,
 * or serves nothing at all, looks and is not seen. I4: a node that watches others takes nobody for dead because others say so: it asks for itself.
 */
export class Gossip {
  readonly table: MemberTable;
  readonly health = new LocalHealth();
  readonly courier: Courier;
  readonly own: OwnRecord | undefined;
  readonly alarms: Alarms;
  readonly #options: GossipPartOptions;
  readonly #log: Log;
  readonly #spreader: Spreader;
  readonly #suspicions: Suspicions;
  readonly #prober: Prober;
  readonly #refusals: Refusals;
  readonly #lookers: Lookers;
  readonly syncer: Syncer;
  /** Where this node is in the space of round trips. */
  coordinates: Coordinates = ORIGIN;
  readonly #corrected = new WeakMap<Link, number>();
  readonly #foreigners: Foreigners;
  readonly #shares: ShareTeller | undefined;
  #isLeaving = false;
  /** Messages that could not be read. */
  rubbish = 0;

  constructor(options: GossipPartOptions) {
    this.#options = options;
    const { host, timing, seeds, network, datagrams } = options;
    const { clock, random, node, log, limits } = host;
    this.#log = log;
    this.alarms = createAlarms(clock);
    this.table = new MemberTable(node);
    const isSeen = host.components() !== undefined && host.addresses().length > 0;
    this.own = isSeen ? new OwnRecord(host) : undefined; // I3
    const [news, loads] = [createNewsQueue(), createLoadNews(clock)];
    this.#foreigners = createForeigners({ network, isLooking: !isSeen, log });
    const { alarms, table, own, health } = this;
    const memberAt = (address: string) => [...table.all()].find(({ addresses }) => addresses.includes(address));
    const members = () => table.there;
    this.courier = createCourier({ host, network, own, news, loads, members, datagrams, memberAt });
    const { courier } = this;
    this.#spreader = createSpreader({ alarms, clock, random, table, courier, news, loads, timing });
    this.#lookers = createLookers({ alarms, clock, courier, timing });
    this.#suspicions = createSuspicions({
      ...{ alarms, clock, health, probeMs: timing.probeMs },
      members,
      ask: (member) => this.#ask(member),
      onOver: (member) => this.#giveUp(member),
    });
    this.#refusals = createRefusals({
      ...{ alarms, host, withinMs: timing.probeMs },
      onRefused: (member) => this.#refused(member),
    });
    this.#prober = createProber({
      ...{ alarms, clock, random, table, courier, health, timing },
      onTurn: () => this.refresh(),
      onSilent: (member) => {
        this.#suspicions.silent(member);
        if (member.isThere) this.#suspect(member);
      },
      onAlive: (member) => this.#answered(member),
      onAnswer: (member, roundTripMs, other) => {
        member.measured = measuredDistance(member.measured, roundTripMs);
        if (other !== undefined) this.coordinates = movedBy(this.coordinates, { other, roundTripMs, random });
      },
    });
    const shares = this.own && limits?.shares;
    this.#shares = shares && createShareTeller({ alarms, log, table, courier, shares });
    this.syncer = createSyncer({ alarms, random, table, courier, loads, own, timing, seeds, onSweep: options.onSweep });
  }

  /** Begins; before, `own` may be told of an earlier life. @throws Error when what this node serves cannot be told. */
  start(): void {
    if (this.own !== undefined) {
      this.refresh();
      const size = this.table.self.bytes.length;
      if (size > ENTRY_BYTES_MAX)
        throw new Error(`what it serves takes ${size} bytes to tell, the limit is ${ENTRY_BYTES_MAX}`);
      this.#prober.start();
    }
    this.syncer.start();
  }

  /** Looks what this node serves, and tells what changed. */
  refresh(): void {
    const { own, table } = this;
    const { host, advertise, foot } = this.#options;
    const views = host.components();
    if (own === undefined || views === undefined || this.#isLeaving) return;
    const nowMs = host.clock.monotonic();
    table.forget(nowMs);
    const served = [...servedBy(views), ...(foot?.offers() ?? [])];
    const sharesRates = this.#shares?.refresh() === true;
    const addresses = advertise(host.addresses());
    const changed = own.refresh({ addresses, served, networks: foot?.networks ?? [], sharesRates });
    if (changed !== undefined) {
      this.#tellOwn(encodeNews(changed));
      return;
    }
    const turnMs = Math.max(this.#options.timing.probeMs, loadTurnMs(own, table.there));
    const load = own.refreshLoad({ served, coordinates: this.coordinates, nowMs, turnMs, random: host.random });
    if (load === undefined) return;
    table.setOwn(own.whole, nowMs);
    this.#spreader.spreadLoad(table.self, encodeEntry(load));
  }

  /** Outbids an earlier life of this node, where the clock has gone back since. */
  recall(incarnation: number): void {
    if (this.own === undefined || incarnation < this.own.incarnation) return;
    this.own.outlive(incarnation);
    this.#tellOwn(encodeNews(this.own.whole));
  }

  /** How far a member is: as measured here, else as coordinates say; undefined while either side is unsure of its own. */
  distanceTo(member: Member): Distance | undefined {
    return member.measured ?? member.estimatedFrom(this.coordinates);
  }

  /** Takes a message. */
  receive(link: Link, bytes: Uint8Array): void {
    let message: GossipMessage;
    try {
      message = decodeGossip(bytes);
    } catch {
      this.rubbish++;
      return;
    }
    const { from, incarnation, said } = message;
    if (this.#foreigners.has(link, message)) return;
    if (from !== "" && from === this.own?.node && incarnation === this.own.incarnation) return; // It reached itself.
    this.#takeEntries(link, message);
    const sender = this.table.get(from);
    // Who is thought to be gone, or about to be, is told so, and can deny it.
    const about =
      sender !== undefined && sender.status !== "alive" && sender.incarnation === incarnation ? sender : undefined;
    switch (said.kind) {
      case "probe":
        if (said.target !== this.own?.node) return;
        this.courier.reply(link, { kind: "ack", id: said.id, coordinates: this.coordinates }, about);
        if (sender === undefined && from !== "") this.courier.reply(link, { kind: "want", nodes: [from] });
        return;
      case "ack":
        this.#prober.answered(said.id, said.coordinates);
        return;
      case "nack":
        this.#prober.unanswered(said.id);
        return;
      case "indirectProbe":
        this.#prober.help(link, said);
        return;
      case "digest":
        if (from === "" && this.own !== undefined) this.#lookers.asked(link);
        this.syncer.compare(link, said);
        return;
      case "want":
        this.syncer.answerWant(link, said.nodes);
        return;
      case "shares":
        this.#shares?.hear(from, said);
        return;
      case "page":
      case "news":
        if (about !== undefined) this.#correct(link, about);
    }
  }

  /** A link is gone: whoever was behind it is asked at once whether it lives, and its machine whether anybody listens. */
  linkLost(link: Link): void {
    const { remote, direction } = link;
    this.#lookers.lost(link);
    if (direction !== "out" || this.own === undefined) return;
    for (const neighbour of this.table.neighbours())
      if (neighbour.addresses.some((address) => address.startsWith(remote))) this.#ask(neighbour);
  }

  /** Tells everybody near, and whoever is connected, that this node takes nothing any more: those who call it hear it first. */
  leave(links: Iterable<Link>): void {
    const { own, table } = this;
    if (own === undefined || this.#isLeaving) return;
    this.#isLeaving = true;
    const neighbours = table.neighbours();
    own.leave();
    table.setOwn(own.whole, this.#options.host.clock.monotonic());
    for (const neighbour of neighbours) this.courier.tell(neighbour, { kind: "news" }, table.self);
    for (const link of links) this.courier.reply(link, { kind: "news" }, table.self);
  }

  close(): void {
    this.alarms.close();
  }

  #takeEntries(link: Link, { from, said, entries }: GossipMessage): void {
    const isHearsay = said.kind === "page" && this.own !== undefined;
    const wanted: string[] = [];
    for (const raw of entries) {
      try {
        if (raw.node === this.table.self.node) this.#hearOfSelf(link, raw);
        else if (this.#take(raw, isHearsay)) wanted.push(raw.node);
      } catch {
        this.rubbish++;
      }
    }
    if (wanted.length > 0 && from !== "") this.courier.reply(link, { kind: "want", nodes: wanted.slice(0, 64) });
  }

  /** Takes what is said of another node; true when there is more to it than was said. */
  #take(raw: RawEntry, isHearsay: boolean): boolean {
    const nowMs = this.#options.host.clock.monotonic();
    const merged = this.table.merge(raw, { nowMs, isDoubtful: this.own !== undefined }); // I4
    if (merged === undefined) return false;
    const { member, isNews, isAdvert, isLoad, isConfirmed, isGivenUp } = merged;
    if (this.own !== undefined) {
      if (isNews) this.#followStanding(merged, raw);
      if (isConfirmed && this.#suspicions.confirm(member, raw.by))
        this.#spreader.spread(member.node, encodeEntry({ ...headOf(member), by: raw.by }), raw.by);
      if (isGivenUp && !isHearsay) this.#suspicions.hurry(member);
      if ((isNews || isAdvert) && !isHearsay && !isGivenUp) this.#spreader.spread(member.node, raw.bytes);
      else if (isNews && member.status !== "alive") this.#spreader.spread(member.node, encodeEntry(headOf(member)));
      else if (isLoad && !isHearsay) this.#spreader.spreadLoad(member, raw.bytes);
    }
    if (isAdvert && member.isThere) this.#lookers.tell(member);
    if (isNews) this.#shares?.changed(member);
    if (isNews || isAdvert || isLoad) this.#options.onChange(member);
    return merged.isWanting;
  }

  #followStanding({ member, was }: Merged, raw: RawEntry): void {
    if (member.status !== "suspect") {
      this.#suspicions.end(member);
      if (was !== undefined && was !== member.status && !member.isThere)
        this.#log.info(`node "${member.node}" ${member.status === "left" ? "left" : "is dead"}`);
      return;
    }
    this.#suspicions.begin(member, raw.by);
    if (this.table.neighbours().includes(member)) this.#ask(member); // It learns of it, and this node sees for itself.
  }

  /** A neighbour was silent to this node and to those whom it asked. */
  #suspect(member: Member): void {
    const { own, table } = this;
    if (own === undefined || this.#isLeaving) return;
    if (member.status === "suspect") {
      if (!this.#suspicions.confirm(member, own.node)) return;
      this.#spreader.spread(member.node, encodeEntry({ ...headOf(member), by: own.node }), own.node);
      return;
    }
    this.#log.info(`node "${member.node}" does not answer`);
    table.declare(member, { status: "suspect", by: own.node, nowMs: this.#options.host.clock.monotonic() }); // I2
    this.#suspicions.begin(member, own.node);
    this.#spreader.spread(member.node, encodeEntry(headOf(member)));
    this.#options.onChange(member);
  }

  #ask(member: Member): void {
    this.#prober.probe(member);
    this.#refusals.watch(member);
  }

  /** One that is suspected answers: it has its time again, and is told of it if it does not know. */
  #answered(member: Member): void {
    if (member.status !== "suspect") return;
    this.#suspicions.answered(member);
    this.courier.tell(member, { kind: "news" }, member);
  }

  /** Nobody listens where a member was: it is suspected at once. */
  #refused(member: Member): void {
    this.#suspect(member);
    this.#suspicions.refused(member);
  }

  /** A suspect's time to deny is over. */
  #giveUp(member: Member): void {
    if (member.status !== "suspect" || this.own === undefined) return;
    this.#log.info(`node "${member.node}" is dead: it did not answer, and did not deny it`);
    this.table.declare(member, { status: "dead", by: this.own.node, nowMs: this.#options.host.clock.monotonic() });
    this.#spreader.spread(member.node, encodeEntry(headOf(member)));
    this.#options.onChange(member);
  }

  /** Denies what is wrong, and outbids what is old. */
  #hearOfSelf(link: Link, raw: RawEntry): void {
    const { own } = this;
    if (own === undefined || this.#isLeaving || raw.incarnation < own.incarnation) return;
    if (raw.incarnation === own.incarnation) {
      if (raw.version < own.version) {
        // Denied before; whoever says so still has not heard of it.
        if (raw.status !== "alive") this.#correct(link, this.table.self);
        return;
      }
      if (raw.version === own.version && raw.status === "alive") return;
      own.deny(raw.version); // I1
      if (raw.status !== "alive") this.health.note(1);
    } else if (raw.status !== "alive" || this.#isOldSelf(raw)) own.outlive(raw.incarnation);
    else {
      this.#log.warn(`another node is called "${own.node}", and began later: give each a name of its own`);
      return;
    }
    this.#tellOwn(encodeNews(own.whole));
    this.courier.reply(link, { kind: "news" }, this.table.self);
  }

  /** Whether another life of this name was at this node's own addresses: the clock went back between the two. */
  #isOldSelf(raw: RawEntry): boolean {
    const addresses = readEntryBody(raw.bytes).advert?.addresses ?? [];
    return addresses.length > 0 && addresses.every((address) => this.own?.addresses.includes(address));
  }

  /** Tells the other side of a link what it has wrong, now and then: two that correct one another must not go on for ever. */
  #correct(link: Link, about: Member): void {
    const { host, timing } = this.#options;
    const nowMs = host.clock.monotonic();
    if (nowMs - (this.#corrected.get(link) ?? Number.NEGATIVE_INFINITY) < timing.gossipMs) return;
    this.#corrected.set(link, nowMs);
    this.courier.reply(link, { kind: "news" }, about);
  }

  #tellOwn(news: Uint8Array): void {
    const { own, table } = this;
    if (own === undefined) return;
    table.setOwn(own.whole, this.#options.host.clock.monotonic());
    this.#spreader.spread(own.node, news);
    this.#lookers.tell(table.self);
    this.#options.onChange(table.self);
  }
}
