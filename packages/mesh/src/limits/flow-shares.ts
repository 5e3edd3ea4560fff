import type { ShareNews } from "@orrery/core";
import { SHARERS_MAX } from "./limits.ts";

/** How the rate of a rule is shared. */
export interface ShareSettings {
  /** Twice the time within which a word, told anew all along, is sure to be with the others, in ms. Default: 2,000. */
  readonly settleMs: number;
  /** How long the share of a node of which nothing is heard stays its own, in ms. Default: 30,000. */
  readonly holdMs: number;
  /** Share of a rate that is divided evenly among the nodes that want any, so that nobody starves. Default: 0.1. */
  readonly evenShare: number;
}

/** How rates are shared where nobody says otherwise. */
export const SHARE_DEFAULTS: ShareSettings = Object.freeze({ settleMs: 2_000, holdMs: 30_000, evenShare: 0.1 });

interface Sharer {
  heardMs: number;
  wanted: Readonly<Record<string, number>>;
}

/**
 * Divides the rates of flows among nodes, without anybody in charge: each tells how much it wants, and takes the part of it that is its due
 * by all that it has heard. A part that shrinks does so at once; one that grows waits until everybody is sure to have heard why.
 * I1: while a word, with the time until it is told again, takes less than half of `settleMs`, the parts of nodes that hear one another add
 * up to no more than the rate. I2: a node that was silent for so long keeps its part for `holdMs`, and nobody's part grows meanwhile: for that
 * time a network that has fallen apart keeps to the rate as a whole; afterwards each side may use all of it.
 */
export class FlowShares {
  readonly #node: string;
  readonly #settings: ShareSettings;
  readonly #others = new Map<string, Sharer>();
  /** By rule: the least part that was due in this span of `settleMs` and in the one before; the less of the two counts. */
  readonly #parts = new Map<string, { spanMs: number; before: number; least: number }>();

  constructor(node: string, settings: ShareSettings) {
    this.#node = node;
    this.#settings = settings;
  }

  /** Takes what another node told. */
  hear({ node, wanted }: ShareNews, nowMs: number): void {
    if (node === this.#node) return;
    const known = this.#others.get(node);
    if (known !== undefined) {
      known.heardMs = nowMs;
      known.wanted = wanted;
    } else if (this.#others.size < SHARERS_MAX) this.#others.set(node, { heardMs: nowMs, wanted });
  }

  /** A node has left for good, in good order. */
  forget(node: string): void {
    this.#others.delete(node);
  }

  /** Nodes that count now, this one included. */
  get sharers(): number {
    return this.#others.size + 1;
  }

  /**
   * The part of a rule's rate, from 0 to 1, that this node may use now, where it wants so much a second. Who wants more than all of the rate
   * counts as if it wanted all: how much more wavers, and parts that waver would add up to less than the rate.
   */
  part(rule: string, wanted: number, nowMs: number, perSecond: number = Number.POSITIVE_INFINITY): number {
    const due = this.#due(rule, Math.min(wanted, perSecond), { nowMs, perSecond });
    const held = this.#parts.get(rule);
    if (held === undefined) {
      // Before it has heard anybody it cannot know whether it is alone: it begins after a while, with nothing.
      this.#parts.set(rule, { spanMs: nowMs, before: 0, least: due });
      return 0;
    }
    if (this.#isAnySilent(nowMs)) {
      held.before = Math.min(held.before, held.least, due); // I2
      held.least = held.before;
      held.spanMs = nowMs;
      return held.before;
    }
    held.least = Math.min(held.least, due);
    if (nowMs - held.spanMs >= this.#settings.settleMs) {
      held.before = held.least;
      held.least = due;
      held.spanMs = nowMs;
    }
    return Math.min(held.before, held.least);
  }

  #isAnySilent(nowMs: number): boolean {
    for (const { heardMs } of this.#others.values()) if (nowMs - heardMs > this.#settings.settleMs / 2) return true;
    return false;
  }

  #due(
    rule: string,
    wanted: number,
    { nowMs, perSecond }: { readonly nowMs: number; readonly perSecond: number },
  ): number {
    const { holdMs, evenShare } = this.#settings;
    let all = wanted;
    let sharers = 1;
    for (const [node, other] of this.#others) {
      if (nowMs - other.heardMs > holdMs) {
        this.#others.delete(node);
        continue;
      }
      const theirs = other.wanted[rule];
      if (theirs === undefined) continue;
      all += Math.min(theirs, perSecond);
      sharers++;
    }
    const byWish = all > 0 ? wanted / all : 1 / sharers;
    return evenShare / sharers + (1 - evenShare) * byWish;
  }
}
