import { type Entry, isNewer, isThere, type MemberStatus } from "./entry.ts";
import type { RawEntry } from "./entry-codec.ts";
import { readEntryBody } from "./entry-codec.ts";
import { BUCKETS, DEAD_MAX, DEAD_REMEMBER_MS, DEAD_REST_MS, MEMBERS_MAX } from "./limits.ts";
import { Member } from "./member.ts";
import { neighboursOf } from "./rings.ts";

/** What an entry led to. */
export interface Merged {
  readonly member: Member;
  /** Where it stood before; undefined when it was not known. */
  readonly was: MemberStatus | undefined;
  /** Whether it stands otherwise than before: in another life, version or status. */
  readonly isNews: boolean;
  /** Whether something new was learnt of what it serves. */
  readonly isAdvert: boolean;
  /** Whether its load is another. */
  readonly isLoad: boolean;
  /** Whether there is an advert of it that was not told. */
  readonly isWanting: boolean;
  /** Whether somebody else suspects what is suspected already. */
  readonly isConfirmed: boolean;
  /** Whether somebody has given up one that is there, as far as is known here. */
  readonly isGivenUp: boolean;
}

/** How an entry came. */
export interface MergeOptions {
  readonly nowMs: number;
  /** Whether a death is only a suspicion: who says so may have been cut off, hear badly, or remember what is long over. */
  readonly isDoubtful: boolean;
}

/**
 * Everything that a node knows of the network. Owns: one member for each name, itself included.
 * I1: of one name only the newest standing is kept. I2: sums are those of the members that are there. I3: at most `MEMBERS_MAX` are there,
 * and `DEAD_MAX` remembered.
 */
export class MemberTable {
  readonly self: Member;
  readonly #members = new Map<string, Member>();
  readonly #sums: number[] = Array<number>(BUCKETS).fill(0);
  readonly #loadSums: number[] = Array<number>(BUCKETS).fill(0);
  #there = 0;
  #neighbours: readonly Member[] | undefined;

  constructor(self: string) {
    this.self = new Member(self);
    this.#members.set(self, this.self);
  }

  /** Members that are there, this node included. */
  get there(): number {
    return this.#there;
  }

  /** Members that are gone and remembered. */
  get gone(): number {
    return this.#members.size - this.#there;
  }

  get sums(): readonly number[] {
    return this.#sums;
  }

  get loadSums(): readonly number[] {
    return this.#loadSums;
  }

  get(node: string): Member | undefined {
    return this.#members.get(node);
  }

  all(): IterableIterator<Member> {
    return this.#members.values();
  }

  /** Whom this node watches and tells. */
  neighbours(): readonly Member[] {
    this.#neighbours ??= neighboursOf(
      this.self,
      [...this.#members.values()].filter((member) => member.isThere && member !== this.self),
    );
    return this.#neighbours;
  }

  /** Takes over what this node says of itself. */
  setOwn({ incarnation, version, status, advertVersion, advert, load }: Entry, nowMs: number): void {
    this.#change(this.self, () => {
      this.self.stand({ incarnation, version, status }, "", nowMs);
      if (advert !== undefined) this.self.takeAdvert(advertVersion, advert);
      if (load !== undefined) this.self.takeLoad(load);
    });
  }

  /** Takes over what this node finds about another. */
  declare(member: Member, { status, by, nowMs }: { status: MemberStatus; by: string; nowMs: number }): void {
    const { incarnation, version } = member;
    this.#change(member, () => member.stand({ incarnation, version, status }, by, nowMs));
    this.forget(nowMs);
  }

  /**
   * Takes over what somebody says of another node; undefined where nothing came of it.
   * @throws Error for a body that cannot be read.
   */
  merge(raw: RawEntry, { nowMs, isDoubtful }: MergeOptions): Merged | undefined {
    const known = this.#members.get(raw.node);
    if (known === undefined && (!isThere(raw.status) || this.#there >= MEMBERS_MAX)) return undefined; // I3
    if (known !== undefined && raw.incarnation < known.incarnation) return undefined;
    const { advert, load } = raw.hasAdvert || raw.hasLoad ? readEntryBody(raw.bytes) : NOTHING;
    const member = known ?? this.#add(raw.node);
    const was = known?.status;
    const isOld = known !== undefined && raw.incarnation === known.incarnation && raw.version < known.version;
    const isGivenUp = isDoubtful && raw.status === "dead" && member.isThere && !isOld;
    const status = isGivenUp ? "suspect" : raw.status;
    const standing = { incarnation: raw.incarnation, version: raw.version, status };
    const isNews = known === undefined || isNewer(standing, member); // I1
    const isConfirmed = !isNews && status === "suspect" && was === "suspect" && raw.version === member.version;
    let isAdvert = false;
    let isLoad = false;
    this.#change(member, () => {
      if (isNews) member.stand(standing, raw.by, nowMs);
      isAdvert = advert !== undefined && member.takeAdvert(raw.advertVersion, advert);
      isLoad = load !== undefined && member.takeLoad(load);
    });
    const isWanting = member.isThere && raw.advertVersion > member.advertVersion;
    if (!(isNews || isAdvert || isLoad || isWanting || isConfirmed || isGivenUp)) return undefined;
    if (isNews && !member.isThere) this.forget(nowMs);
    return { member, was, isNews, isAdvert, isLoad, isWanting, isConfirmed, isGivenUp };
  }

  /** Members of a bucket, those that are gone included. */
  inBucket(bucket: number): readonly Member[] {
    return [...this.#members.values()].filter((member) => member.bucket === bucket);
  }

  /** Forgets those who have been gone for long, and the longest gone of too many; and after a while what the others need only while they are there. */
  forget(nowMs: number): void {
    if (this.gone === 0) return;
    const gone = [...this.#members.values()].filter((member) => !member.isThere && member !== this.self);
    gone.sort((a, b) => a.sinceMs - b.sinceMs);
    for (const [index, member] of gone.entries()) {
      const goneMs = nowMs - member.sinceMs;
      if (gone.length - index > DEAD_MAX || goneMs >= DEAD_REMEMBER_MS)
        this.#members.delete(member.node); // I3
      else if (goneMs >= DEAD_REST_MS) member.rest();
    }
  }

  #add(node: string): Member {
    const member = new Member(node);
    member.status = "dead"; // Until it stands somewhere.
    this.#members.set(node, member);
    return member;
  }

  #change(member: Member, change: () => void): void {
    const isFirst = member === this.self && member.incarnation === 0;
    const { bucket, isThere: wasThere } = member;
    const hash = isFirst ? 0 : member.hash;
    const loadHash = isFirst ? 0 : member.loadHash;
    change();
    this.#sums[bucket] = ((this.#sums[bucket] ?? 0) ^ hash ^ member.hash) >>> 0; // I2
    this.#loadSums[bucket] = ((this.#loadSums[bucket] ?? 0) ^ loadHash ^ member.loadHash) >>> 0;
    if ((wasThere && !isFirst) === member.isThere) return;
    this.#there += member.isThere ? 1 : -1;
    this.#neighbours = undefined;
  }
}

const NOTHING = { advert: undefined, load: undefined };
