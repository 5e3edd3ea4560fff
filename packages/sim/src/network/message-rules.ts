import { OrreryError } from "@orrery/core";
import { isControl } from "@orrery/core/internal";
import { MESSAGE_RULES_MAX } from "../limits.ts";
import type { Frame } from "./frame.ts";

/** Which messages a rule is about; what is left out may be anything. */
export interface MessageMatch {
  /** Name of the node that sends. */
  readonly from?: string;
  /** Name of the node that it is sent to. */
  readonly to?: string;
  /** `service.method`, or `service` for all of its methods. Replies carry none. */
  readonly method?: string;
  /** Name of the flow, or `node/id`. */
  readonly flow?: string;
  /** Only the n-th that fits, counted from 1. Default: each. */
  readonly nth?: number;
}

/** What a rule does with a message: hold it until it is released, or let it take longer, get lost, or arrive twice. */
export type MessageFate = "hold" | "drop" | "duplicate" | { readonly delayMs: number };

/** A rule that stands. */
export interface MessageRule extends Disposable {
  /** Messages that it has met. */
  readonly hits: number;
  /** Messages that it holds. */
  readonly held: number;
  /** Lets go of what it holds, and holds nothing more. */
  release(): void;
  /** Ends it; what it holds is let go. */
  remove(): void;
}

/** What a cable is told to do with a frame. */
export interface Verdict {
  /** True while a message is held. */
  isHeld(): boolean;
  readonly isDropped: boolean;
  readonly isDoubled: boolean;
  readonly delayMs: number;
}

/** The rules of a network. Owns: the rules, and how often each was met. I1: the first rule that fits a message decides. */
export interface MessageRules {
  /** How many rules stand. */
  readonly size: number;
  /** @throws OrreryError `invalid_argument` for a match or a fate that cannot be, `resource_exhausted` when there are too many. */
  add(match: MessageMatch, fate: MessageFate): MessageRule;
  /** Gives what a rule says of a frame between two nodes; undefined when none does. */
  judge(from: string, to: string, frame: Frame): Verdict | undefined;
  clear(): void;
}

/** Makes rules; `onRelease` is called when something that was held may go on. */
export function createMessageRules(onRelease: () => void): MessageRules {
  const rules = new Set<StandingRule>();
  return {
    get size() {
      return rules.size;
    },
    add(match, fate) {
      assertRule(match, fate);
      if (rules.size >= MESSAGE_RULES_MAX) {
        const text = `Cannot add a rule for messages: ${MESSAGE_RULES_MAX} stand, remove those that are done with`;
        throw new OrreryError("resource_exhausted", text);
      }
      const rule = new StandingRule({ match, fate, onRelease, onRemove: () => rules.delete(rule) });
      rules.add(rule);
      return rule;
    },
    judge(from, to, frame) {
      for (const rule of rules) {
        const verdict = rule.judge(from, to, frame);
        if (verdict !== undefined) return verdict;
      }
      return undefined;
    },
    clear() {
      for (const rule of [...rules]) rule.remove();
    },
  };
}

interface StandingRuleOptions {
  readonly match: MessageMatch;
  readonly fate: MessageFate;
  readonly onRelease: () => void;
  readonly onRemove: () => void;
}

class StandingRule implements MessageRule {
  readonly #options: StandingRuleOptions;
  #isOver = false;
  #met = 0;
  hits = 0;
  held = 0;

  constructor(options: StandingRuleOptions) {
    this.#options = options;
  }

  judge(from: string, to: string, frame: Frame): Verdict | undefined {
    const { match, fate } = this.#options;
    if (this.#isOver || frame.kind !== "message" || !isMatch(match, from, to, frame)) return undefined;
    if (match.nth !== undefined && ++this.#met !== match.nth) return undefined;
    this.hits++;
    if (fate === "hold") this.held++;
    return {
      isHeld: () => fate === "hold" && !this.#isOver,
      isDropped: fate === "drop",
      isDoubled: fate === "duplicate",
      delayMs: typeof fate === "object" ? fate.delayMs : 0,
    };
  }

  release(): void {
    this.#isOver = true;
    this.held = 0;
    this.#options.onRelease();
  }

  remove(): void {
    this.#options.onRemove();
    this.release();
  }

  [Symbol.dispose](): void {
    this.remove();
  }
}

function isMatch(match: MessageMatch, from: string, to: string, frame: Frame & { readonly kind: "message" }): boolean {
  const { message } = frame;
  if (isControl(message)) return false;
  if (match.from !== undefined && match.from !== from) return false;
  if (match.to !== undefined && match.to !== to) return false;
  if (match.method !== undefined && !isMethod(match.method, message.head)) return false;
  const { flow } = message;
  return match.flow === undefined || flow?.name === match.flow || `${flow?.node}/${flow?.id}` === match.flow;
}

function isMethod(wanted: string, head: { readonly component: string; readonly method: string } | undefined): boolean {
  return head !== undefined && (wanted === head.component || wanted === `${head.component}.${head.method}`);
}

const FATES: readonly unknown[] = ["hold", "drop", "duplicate"];

function assertRule({ nth }: MessageMatch, fate: MessageFate): void {
  if (nth !== undefined && !(Number.isSafeInteger(nth) && nth >= 1))
    throw unfit(`nth is ${nth}, write a whole number from 1`);
  if (FATES.includes(fate)) return;
  const delayMs = typeof fate === "object" ? fate.delayMs : Number.NaN;
  if (!(Number.isFinite(delayMs) && delayMs >= 0))
    throw unfit(`its fate is ${JSON.stringify(fate)}, write hold, drop, duplicate or { delayMs } from 0`);
}

function unfit(why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot add a rule for messages: ${why}`);
}
