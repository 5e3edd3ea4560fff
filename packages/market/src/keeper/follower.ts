import type { Shown } from "../chain/calls.ts";
import type { Reading } from "../chain/lease-chain.ts";
import { least } from "../lease/dues.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import { recoverSigner } from "../lease/recover.ts";
import type { Digest } from "../lease/terms.ts";
import { leaseName } from "../lease/typed-data.ts";
import { type Entry, emptyHead, type Head, totalOf, verify } from "../meter/ledger.ts";
import { type SignedVoucher, SKEW_MAX_S, signVoucher } from "../meter/vouchers.ts";
import { agreeByBeat } from "./agree-by-beat.ts";
import { countDark, type DarkLooks } from "./dark-looks.ts";
import { LINES_MAX } from "./kept-lines.ts";
import { createLane, type Lane, waitMaxOf } from "./lane.ts";
import type { FollowerNews, FollowerRecord, LeaseFollower, LeaseFollowerOptions } from "./lease-follower.ts";
import { PacedLoop } from "./paced-loop.ts";
import { nextPublisherCall, nextTopUp, type PublisherFacts } from "./publisher-calls.ts";

const CHALLENGES_MAX = 2;

/** Pages of lines that are read at one look, at most: who was away reads the rest at the next. */
const PAGES_MAX = 20;

/** What the provider shows at one look; nothing of it where it is not reached. */
interface Shows {
  readonly lines: readonly Entry[];
  readonly isRead: boolean;
  readonly isReached: boolean | undefined;
}

/**
 * Follows one lease for its publisher. Owns: what it promises in `FollowerRecord`, and the calls of the publisher about this lease.
 *
 * I1. A voucher is kept before anybody has it, and each agrees to no less than the one before.
 * I2. It agrees only to what a beat of the session key proves.
 * I3. Of an unknown chain nothing follows.
 * I4. It takes nobody for dark by one look: what a look does not reach is not known by it.
 * I5. Money that it put in is counted before it is sent, whatever becomes of it.
 */
export class Follower implements LeaseFollower {
  readonly #options: LeaseFollowerOptions;
  readonly #lease: Digest;
  readonly #calls: Lane;
  readonly #funds: Lane;
  /** Between two looks. */
  readonly #periodMs: number;
  readonly #loop: PacedLoop;
  readonly #ended = Promise.withResolvers<void>();
  #record: FollowerRecord;
  #turn: Promise<unknown> = Promise.resolve();
  #latest: Reading = { kind: "unknown", why: "nobody looked yet" };
  #shown: Shown | undefined;
  #vouched = 0n;
  #isClaimFalse = false;
  /** Looks up to now that found nothing that proves service. */
  #dark: DarkLooks | undefined;
  /** Until when its own challenge is to be answered, as long as it is not known by a block that stays what became of it. */
  #challengedTo = 0;

  private constructor(options: LeaseFollowerOptions, record: FollowerRecord) {
    const { terms, chain, clock, random, periodMs = (terms.beatPeriod * 1_000) / 2 } = options;
    this.#options = options;
    this.#periodMs = periodMs;
    this.#lease = leaseName(terms);
    this.#record = record;
    const lane = () =>
      createLane({
        ...{ chain, clock, random, waitMaxMs: waitMaxOf(terms) },
        onEnd: (call, sent) => {
          this.#tell({ kind: "sent", call, sent });
          if (sent.kind === "mined") this.#loop.wake();
        },
      });
    this.#calls = lane();
    this.#funds = lane();
    this.#loop = new PacedLoop({
      ...{ clock, step: () => this.#step(), pauseMs: () => this.#pauseMs() },
      onFailed: (error) => this.#tell({ kind: "failed", error }),
    });
  }

  static async open(options: LeaseFollowerOptions): Promise<Follower> {
    const fresh = { head: emptyHead(leaseName(options.terms)), challenges: 0, toppedUp: 0n };
    const follower = new Follower(options, (await options.store.read()) ?? fresh);
    follower.#loop.start();
    return follower;
  }

  agreed(): Head {
    return this.#record.head;
  }

  voucher(): SignedVoucher | undefined {
    return this.#record.voucher;
  }

  state(): LeaseState | undefined {
    return this.#latest.kind === "known" ? this.#latest.state.leases[0] : undefined;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async close(): Promise<void> {
    const closingSince = this.#latest.kind === "known" ? this.#latest.block.at : 0;
    await this.#keep({ closingSince });
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#turn.catch(() => undefined);
  }

  /** Until the next look: sooner where a second one is to find whether it is dark before a challenge is too late. */
  #pauseMs(): number {
    if (this.#dark === undefined || this.#dark.isDark) return this.#periodMs;
    return Math.min(
      this.#periodMs,
      Math.max(0, this.#dark.firstMs + this.#dark.apartMs - this.#options.clock.monotonic()),
    );
  }

  /** One look at chain and provider, and what follows. */
  async #step(): Promise<void> {
    const { chain, clock } = this.#options;
    const atMs = clock.monotonic();
    const query = { leases: [this.#lease] };
    const [latest, finalized] = await Promise.all([chain.read(query, "latest"), chain.read(query, "finalized")]);
    this.#latest = latest;
    this.#options.onLook?.(latest);
    const before = this.#dark;
    this.#dark = undefined;
    if (latest.kind === "unknown") return;
    const [lease] = latest.state.leases;
    if (lease === undefined || lease.stage === "None") return;
    if (lease.stage === "Settled") {
      if (finalized.kind !== "known" || finalized.state.leases[0]?.stage !== "Settled") return;
      this.#ended.resolve();
      return this.#loop.end();
    }
    await this.#countAnswers(lease, finalized);
    const shows = await this.#readProvider(lease, latest.block.at);
    await this.#agree(lease, latest.block.at, shows);
    this.#judgeClaim(lease, shows);
    const facts = this.#factsOf(latest, shows);
    this.#dark = countDark(before, facts, { atMs, periodMs: this.#periodMs });
    if (!this.#loop.isEnded) await this.#act({ ...facts, isDark: this.#dark?.isDark ?? false }, atMs);
  }

  /** Counts challenges of its own that were answered, by blocks that stay: one that a reorganisation took back cost nothing. */
  async #countAnswers(lease: LeaseState, finalized: Reading): Promise<void> {
    const { chain, terms } = this.#options;
    if (lease.answerBy !== 0 && lease.challenger === chain.account) this.#challengedTo = lease.answerBy;
    const [final] = finalized.kind === "known" ? finalized.state.leases : [];
    if (finalized.kind === "unknown" || final === undefined) return;
    if (this.#challengedTo === 0 || finalized.block.at <= this.#challengedTo || final.answerBy !== 0) return;
    const wasAnswered = final.calmUntil >= this.#challengedTo - terms.responseWindow + terms.challengeWindow;
    this.#challengedTo = 0;
    if (wasAnswered) await this.#keep({ challenges: this.#record.challenges + 1 });
  }

  /** What the provider shows: the newest beat, and lines that follow what was agreed to. Who is not reached shows nothing. */
  async #readProvider(lease: LeaseState, now: number): Promise<Shows> {
    const { source, probe } = this.#options;
    if (lease.stage === "Open") return { lines: [], isRead: false, isReached: undefined };
    const isReached = probe === undefined ? undefined : await probe().catch(() => false);
    try {
      const shown = await source.beat();
      if (shown !== undefined) await this.#takeBeat(shown, { lease, now });
    } catch (error) {
      this.#refuse("beat", error);
    }
    try {
      const lines: Entry[] = [];
      for (let page = 0; page < PAGES_MAX; page++) {
        const more = await source.linesAfter(this.#record.head.number + lines.length);
        lines.push(...more);
        if (more.length < LINES_MAX) break;
      }
      return { lines, isRead: true, isReached };
    } catch (error) {
      this.#refuse("lines", error);
      return { lines: [], isRead: false, isReached };
    }
  }

  /** Takes a beat where it is newer, of this lease, of its session key, and not of a time to come. */
  async #takeBeat(shown: Shown, { lease, now }: { readonly lease: LeaseState; readonly now: number }): Promise<void> {
    const { chain, recover = recoverSigner } = this.#options;
    const { beat, signature } = shown;
    const had = this.#shown?.beat;
    if (had !== undefined && beat.madeAt <= had.madeAt) return;
    if (beat.lease !== this.#lease || beat.madeAt > now + SKEW_MAX_S || beat.covered > beat.madeAt - lease.startedAt)
      return this.#refuse("beat", "it is not one of this lease, or of a time to come");
    const signer = await recover({ domain: chain.domain, primaryType: "Beat", message: beat, signature });
    if (signer === lease.session) this.#shown = shown;
    else this.#refuse("beat", "the session key of the lease did not sign it");
  }

  /** Agrees to what is proven, and hands over a voucher for it; one that did not arrive is handed over again. */
  async #agree(lease: LeaseState, now: number, { lines }: Shows): Promise<void> {
    const { terms, prices, chain, key, source, limit } = this.#options;
    const { head } = this.#record;
    const beat = this.#shown?.beat;
    try {
      const agreement = { terms, prices, lease, now, head, lines, limit: least(limit ?? lease.deposit, lease.deposit) };
      const agreed = beat === undefined ? undefined : agreeByBeat({ ...agreement, beat });
      if (agreed !== undefined && agreed.voucher.total > (this.#record.voucher?.total ?? 0n)) {
        const voucher = await signVoucher(agreed.voucher, { key, domain: chain.domain });
        await this.#keep({ head: agreed.head, voucher });
      }
    } catch (error) {
      this.#refuse("lines", error);
    }
    const { voucher } = this.#record;
    if (voucher === undefined || voucher.total <= this.#vouched || voucher.total <= lease.paid) return;
    try {
      this.#vouched = await source.vouch(voucher);
    } catch (error) {
      this.#refuse("vouch", error);
    }
  }

  /** A claim is false where the provider's own lines, read after the claim was made, come to less, or are no chain. */
  #judgeClaim(lease: LeaseState, { lines, isRead }: Shows): void {
    const { prices } = this.#options;
    if (lease.proposed === 0n) this.#isClaimFalse = false;
    if (lease.proposed === 0n || !isRead || this.#isClaimFalse) return;
    const agreed = this.#totalOf(lines, prices);
    if (lease.proposed <= agreed) return;
    this.#isClaimFalse = true;
    this.#tell({ kind: "false-claim", proposed: lease.proposed, agreed });
  }

  /** What lines come to, of which some may have been agreed to since they were read. */
  #totalOf(lines: readonly Entry[], prices: LeaseFollowerOptions["prices"]): bigint {
    const { head } = this.#record;
    try {
      const rest = lines.filter(({ number }) => number > head.number);
      return totalOf(verify(head, rest, prices));
    } catch {
      return totalOf(head);
    }
  }

  #factsOf(latest: Reading, { lines, isReached }: Shows): Omit<PublisherFacts, "isDark"> {
    const { terms, prices, topUp, challengesMax = CHALLENGES_MAX } = this.#options;
    return {
      ...{ terms, latest, record: this.#record, beatAt: this.#shown?.beat.madeAt ?? 0, isReached },
      ...{ isClaimFalse: this.#isClaimFalse, owed: this.#totalOf(lines, prices), challengesMax, topUp },
    };
  }

  /** Makes the calls that are due; nobody waits for their ends. */
  async #act(facts: PublisherFacts, atMs: number): Promise<void> {
    if (this.#dark?.isDark === true) this.#tell({ kind: "dark", since: this.#dark.since });
    const failed = (error: unknown) => this.#tell({ kind: "failed", error });
    const call = nextPublisherCall(facts);
    if (call !== undefined && !this.#calls.isBusy()) {
      this.#calls.offer(call, atMs).catch(failed);
    }
    const fund = nextTopUp(facts);
    if (fund === undefined || this.#funds.isBusy()) return;
    const toppedUp = this.#record.toppedUp + fund.amount;
    await this.#keep({ toppedUp });
    const undo = () => this.#keep({ toppedUp: this.#record.toppedUp - fund.amount });
    const sent = this.#funds.offer(fund, atMs);
    sent
      .then((end) => (end === undefined || end.kind === "refused" || end.kind === "unsent" ? undo() : undefined))
      .catch(failed);
  }

  #keep(change: Partial<FollowerRecord>): Promise<void> {
    const done = this.#turn.then(async () => {
      const record = { ...this.#record, ...change };
      await this.#options.store.write(record);
      this.#record = record;
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #refuse(what: "lines" | "beat" | "vouch", error: unknown): void {
    this.#tell({ kind: "refused", what, why: error instanceof Error ? error.message : String(error) });
  }

  #tell(news: FollowerNews): void {
    this.#options.onNews?.(news);
  }
}
