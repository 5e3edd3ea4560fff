import type { Shown } from "../chain/calls.ts";
import type { BlockRef, Reading, Sent } from "../chain/lease-chain.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import type { Digest } from "../lease/terms.ts";
import { leaseName } from "../lease/typed-data.ts";
import { type Entry, type Head, totalOf } from "../meter/ledger.ts";
import { type Meter, openMeter } from "../meter/meter.ts";
import { type SignedVoucher, takeVoucher } from "../meter/vouchers.ts";
import { makeBeat } from "./beats.ts";
import { type KeptLines, keepLines } from "./kept-lines.ts";
import { createLane, type Lane, waitMaxOf } from "./lane.ts";
import type { KeeperNews, KeeperRecord, LeaseKeeper, LeaseKeeperOptions } from "./lease-keeper.ts";
import { PacedLoop } from "./paced-loop.ts";
import { nextMoneyCall, nextProofCall } from "./provider-calls.ts";
import { fundsUntil, NO_STANDING, type Standing, standingOf } from "./standing.ts";

const LOOK_MS = 15_000;
const DAY_S = 86_400;

/** The chain at a look. */
interface Look {
  readonly latest: Reading;
  readonly finalized: Reading;
  /** When the reading began, by the monotonic clock. */
  readonly atMs: number;
  /** The lease as the newest block has it; undefined while the chain is not known. */
  readonly lease: LeaseState | undefined;
  readonly block: BlockRef | undefined;
}

/**
 * Keeps one lease for its provider. Owns: what it promises in `KeeperRecord`, and the calls of the provider about this lease.
 *
 * I1. A voucher that was taken is safely kept before anybody is told.
 * I2. A beat is made only after a round trip to the facade.
 * I3. Of an unknown chain nothing follows but metering, which goes by the monotonic clock.
 * I4. Money and proof go by lanes of their own: a claim that waits for a block does not hold up an answer.
 */
export class Keeper implements LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #lease: Digest;
  readonly #lookMs: number;
  readonly #meter: Meter;
  readonly #lines: KeptLines;
  readonly #money: Lane;
  readonly #proof: Lane;
  readonly #loop: PacedLoop;
  #record: KeeperRecord;
  #turn: Promise<unknown> = Promise.resolve();
  #last: Look | undefined;
  #beatAtMs = Number.NEGATIVE_INFINITY;

  private constructor(options: LeaseKeeperOptions, parts: { meter: Meter; lines: KeptLines; record: KeeperRecord }) {
    const { terms, chain, clock, random, periods = {} } = options;
    this.#options = options;
    this.#lease = leaseName(terms);
    this.#lookMs =
      periods.lookMs ?? Math.min(LOOK_MS, (terms.beatPeriod * 1_000) / 2, (terms.responseWindow * 1_000) / 4);
    this.#meter = parts.meter;
    this.#lines = parts.lines;
    this.#record = parts.record;
    const onEnd: Parameters<typeof createLane>[0]["onEnd"] = (call, sent) => {
      this.#tell({ kind: "sent", call, sent });
      if (sent.kind === "mined") this.#loop.wake();
    };
    const lane = { chain, clock, random, waitMaxMs: waitMaxOf(terms), onEnd };
    this.#money = createLane(lane);
    this.#proof = createLane(lane);
    this.#loop = new PacedLoop({
      ...{ clock, step: () => this.#step(), pauseMs: () => this.#lookMs },
      onFailed: (error) => this.#tell({ kind: "failed", what: "step", error }),
    });
  }

  static async open(options: LeaseKeeperOptions): Promise<Keeper> {
    const { terms, prices, clock, ledger, store } = options;
    const record = (await store.read()) ?? { standing: NO_STANDING };
    const lines = await keepLines(ledger);
    const meter = await openMeter({ lease: leaseName(terms), prices, clock, store: lines.store });
    const keeper = new Keeper(options, { meter, lines, record });
    keeper.#loop.start();
    return keeper;
  }

  take(offered: SignedVoucher): Promise<bigint> {
    return this.#inTurn(async () => {
      const { chain, publisher, recover } = this.#options;
      const held = this.#record.voucher;
      const terms = { lease: this.#lease, publisher, domain: chain.domain, recover };
      const voucher = await takeVoucher(held, offered, terms);
      if (voucher === held) return voucher.total;
      await this.#options.store.write({ ...this.#record, voucher });
      this.#record = { ...this.#record, voucher };
      return voucher.total;
    });
  }

  head(): Head {
    return this.#meter.head();
  }

  linesAfter(number: number): Promise<readonly Entry[]> {
    return this.#lines.after(number);
  }

  beat(): Shown | undefined {
    return this.#record.shown;
  }

  standing(): Standing {
    return this.#record.standing;
  }

  fundsUntil(): number | undefined {
    const { lease, block } = this.#last ?? {};
    if (lease === undefined || block === undefined) return undefined;
    return fundsUntil(this.#options.terms, lease, { at: block.at, owed: totalOf(this.head()) });
  }

  async close(): Promise<Sent> {
    const { chain, terms } = this.#options;
    const reading = await chain.read({ leases: [this.#lease] }, "latest");
    const isOpen = reading.kind === "known" && reading.state.leases[0]?.stage === "Open";
    const call = { kind: isOpen ? "cancel" : "close", terms } as const;
    const sent = await chain.send(call);
    this.#tell({ kind: "sent", call, sent });
    if (sent.kind === "mined") this.#loop.wake();
    return sent;
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#turn.catch(() => undefined);
  }

  /** One look at pod and chain, and what follows. */
  async #step(): Promise<void> {
    const look = await this.#look();
    this.#last = look;
    await this.#meterPod(look);
    await this.#makeBeat(look).catch((error: unknown) => this.#tell({ kind: "failed", what: "beat", error }));
    if (this.#loop.isEnded) return;
    this.#send(look);
    await this.#stand(look);
  }

  async #look(): Promise<Look> {
    const { chain, clock } = this.#options;
    const atMs = clock.monotonic();
    const query = { leases: [this.#lease] };
    const [latest, finalized] = await Promise.all([chain.read(query, "latest"), chain.read(query, "finalized")]);
    const isKnown = latest.kind === "known";
    return {
      ...{ latest, finalized, atMs },
      lease: isKnown ? latest.state.leases[0] : undefined,
      block: isKnown ? latest.block : undefined,
    };
  }

  /** Writes down what the pod served since the last look, where the lease runs by all that is known. */
  async #meterPod({ lease, block }: Look): Promise<void> {
    const { step } = this.#record.standing;
    const isStopped = step !== "run" && step !== "warn";
    const isOver = lease !== undefined && lease.stage !== "Active" && lease.stage !== "Closing";
    try {
      const use = isStopped || (isOver && lease.endsAt === 0) ? undefined : await this.#options.usage();
      if (use === undefined) return await this.#meter.miss();
      const until = lease === undefined || lease.endsAt === 0 ? undefined : lease.endsAt;
      await this.#meter.look({ ...use, chainTime: block?.at, until });
    } catch (error) {
      this.#tell({ kind: "failed", what: "look", error });
    }
  }

  /** Makes a beat where one is due: by its period, or because of a challenge or a default that the last one is too old for. */
  async #makeBeat({ lease, block }: Look): Promise<void> {
    const { terms, clock, prove, session, volume = () => 1 } = this.#options;
    if (lease === undefined || block === undefined || !MAY_BEAT.includes(lease.stage)) return;
    const nowMs = clock.monotonic();
    const { shown, evidence } = this.#record;
    const isByPeriod = nowMs - this.#beatAtMs >= (terms.beatPeriod * 1_000) / 2;
    if (!isByPeriod && !this.#isAsked(lease, block)) return;
    if (!(await prove())) return;
    const facts = { head: this.head(), unwrittenFrom: this.#meter.unwrittenFrom(), lease, block, volume: volume() };
    const made = await makeBeat(facts, session);
    if (made === undefined) return;
    const isOfBefore = lease.stage === "Defaulted" && shown !== undefined && shown.beat.madeAt <= lease.endsAt;
    await this.#keep({ shown: made, evidence: isOfBefore ? shown : evidence });
    this.#beatAtMs = nowMs;
  }

  /** Whether somebody waits for a beat: a challenge, a default, or the end of service, whose last seconds no beat has. */
  #isAsked({ answerBy, stage, returnedAt, endsAt }: LeaseState, { at }: BlockRef): boolean {
    const { shown } = this.#record;
    if (answerBy !== 0 || (stage === "Defaulted" && returnedAt === 0)) return !this.#proof.isBusy();
    return stage === "Closing" && at >= endsAt && (shown?.beat.covered ?? 0) < this.head().covered;
  }

  /** Makes the calls that are due; nobody waits for their ends. */
  #send({ latest, finalized, atMs }: Look): void {
    const { terms, dust = 1n } = this.#options;
    const { voucher, shown } = this.#record;
    const facts = { terms, latest, finalized, head: this.head(), voucher, shown, dust };
    const proof = nextProofCall(facts);
    const money = nextMoneyCall({ ...facts, shown: latest.kind === "known" ? this.#proofOf(latest) : undefined });
    const failed = (error: unknown) => this.#tell({ kind: "failed", what: "step", error });
    if (proof !== undefined) this.#proof.offer(proof, atMs).catch(failed);
    if (money !== undefined) this.#money.offer(money, atMs).catch(failed);
  }

  /** What proves service for pay: of a lease that defaulted, what was proven before. */
  #proofOf({ state }: Extract<Reading, { kind: "known" }>): Shown | undefined {
    const { shown, evidence } = this.#record;
    return state.leases[0]?.stage === "Defaulted" ? (evidence ?? shown) : shown;
  }

  /** Does to the pod what its standing says. What was not done is tried again at the next look. */
  async #stand({ latest, finalized }: Look): Promise<void> {
    const { terms, act, periods = {} } = this.#options;
    const { warnS = DAY_S, keepS = 7 * DAY_S } = periods;
    const before = this.#record.standing;
    const owed = totalOf(this.head());
    const standing = standingOf({ terms, before, latest, finalized, owed, warnS, keepS });
    if (standing.step === before.step && standing.why === before.why && standing.frozen === before.frozen) return;
    if (standing.step !== before.step) {
      try {
        await act(standing, before);
      } catch (error) {
        return this.#tell({ kind: "failed", what: "act", error });
      }
    }
    await this.#keep({ standing });
  }

  /** Keeps a beat or a standing. Where the disk is full they hold until the process ends: a challenge is answered all the same. */
  #keep(change: Partial<KeeperRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    return this.#inTurn(() => this.#options.store.write(this.#record)).catch((error: unknown) =>
      this.#tell({ kind: "failed", what: "keep", error }),
    );
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #tell(news: KeeperNews): void {
    this.#options.onNews?.(news);
  }
}

/** Stages in which the contract takes beats. */
const MAY_BEAT: readonly string[] = ["Active", "Closing", "Overdrawn", "Defaulted"];
