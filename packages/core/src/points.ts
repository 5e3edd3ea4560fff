import type { Clock } from "./clock.ts";
import { CODES, type Code, isCode } from "./codes.ts";
import type { FlowRef } from "./envelope.ts";
import { POINT_HELD_MAX, POINT_RULES_MAX } from "./limits.ts";
import { type NamePattern, namePattern } from "./name-pattern.ts";
import { isOrreryError, OrreryError } from "./orrery-error.ts";
import type { PointHit } from "./point.ts";

/** Which passings a rule is for. In names, `*` stands for any characters; what is left out fits everything. */
export interface PointMatch {
  /** Name of the point. */
  readonly at: string;
  /** Flow by its name, its id, `node/id` as log lines have it, or itself. */
  readonly flow?: string | number | FlowRef;
  readonly node?: string;
  readonly component?: string;
  readonly method?: string;
  /** Only the n-th passing that fits all else, from 1. Default: each. */
  readonly nth?: number;
  readonly when?: (hit: PointHit) => boolean;
}

/** What happens to a handler that passes a point. */
export type PointAction =
  /** It waits for so many ms. */
  | { readonly delay: number }
  /** It waits until the rule lets go. */
  | { readonly hold: true }
  /** It is thrown an error: this one, or one of this code. */
  | { readonly fail: OrreryError | Code }
  /** Its message is handled once more at the same instance, as if it had come twice. */
  | { readonly duplicate: true }
  /** Its instance ends, or its whole node; it goes no further itself. */
  | { readonly crash: true | "instance" | "node" }
  /** Somebody looks. */
  | { readonly observe: (hit: PointHit) => void };

/** A rule that was given to a set of points. */
export interface PointRule extends Disposable {
  /** How often something passed that it is for. */
  readonly hits: number;
  /** Passings that wait at it now. */
  readonly held: readonly PointHit[];
  /** Lets those go on that wait, oldest first: all, or so many. Gives how many went. */
  release(count?: number): number;
  /** Takes the rule away and lets go of those that wait at it. */
  remove(): void;
}

/** Options of a set of points. */
export interface PointsOptions {
  /** Delays pass on it. */
  readonly clock: Clock;
  /** Ends the node of a passing. Default: nobody can, and rules that ask for it are refused. */
  readonly crashNode?: (hit: PointHit) => void;
}

/**
 * Rules for named points: what a test does to one message among many. Give `onPoint` to the nodes it is for. All rules that fit a passing
 * act on it, in the order in which they were given; each counts its own.
 * @example
 * const points = createPoints({ clock });
 * const rule = points.inject({ at: "after-charge", flow: "checkout-7" }, { hold: true });
 */
export interface Points extends Disposable {
  /** The hook for `NodeOptions.onPoint`; it needs no `this`. */
  readonly onPoint: (hit: PointHit) => void | Promise<void>;
  /** @throws OrreryError `invalid_argument` for a rule that cannot be, `resource_exhausted` for one past `POINT_RULES_MAX`. */
  inject(match: PointMatch, action: PointAction): PointRule;
  /** Removes every rule. */
  clear(): void;
}

/** Makes a set of points with no rules. */
export function createPoints(options: PointsOptions): Points {
  return new RuleSet(options);
}

/** Owns the rules. I1: a passing is counted by every rule that fits it before any of them acts. */
class RuleSet implements Points {
  readonly #options: PointsOptions;
  readonly #rules = new Set<Rule>();

  constructor(options: PointsOptions) {
    this.#options = options;
  }

  readonly onPoint = (hit: PointHit): void | Promise<void> => {
    if (this.#rules.size === 0) return;
    const fitting = [...this.#rules].filter((rule) => rule.counts(hit)); // I1
    if (fitting.length > 0) return this.#act(fitting, hit);
  };

  inject(match: PointMatch, action: PointAction): PointRule {
    if (this.#rules.size >= POINT_RULES_MAX) {
      const text = `Cannot add a rule at point "${match.at}": there are ${POINT_RULES_MAX}, remove some`;
      throw new OrreryError("resource_exhausted", text);
    }
    const rule = new Rule(match, checkAction(match, action, this.#options), this.#options, () =>
      this.#rules.delete(rule),
    );
    this.#rules.add(rule);
    return rule;
  }

  clear(): void {
    for (const rule of [...this.#rules]) rule.remove();
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  async #act(rules: readonly Rule[], hit: PointHit): Promise<void> {
    for (const rule of rules) await rule.act(hit);
  }
}

interface Held {
  readonly hit: PointHit;
  readonly go: () => void;
}

class Rule implements PointRule {
  readonly #match: PointMatch;
  readonly #names: readonly (readonly ["name" | "node" | "component" | "method", NamePattern])[];
  readonly #flow: NamePattern | undefined;
  readonly #action: PointAction;
  readonly #options: PointsOptions;
  readonly #forget: () => void;
  readonly #held: Held[] = [];
  hits = 0;

  constructor(match: PointMatch, action: PointAction, options: PointsOptions, forget: () => void) {
    const { at, flow, node, component, method } = checkMatch(match);
    this.#match = match;
    const texts = [
      ["name", at],
      ["node", node],
      ["component", component],
      ["method", method],
    ] as const;
    this.#names = texts.flatMap(([key, text]) => (text === undefined ? [] : [[key, namePattern(text)] as const]));
    this.#flow = typeof flow === "string" ? namePattern(flow) : undefined;
    this.#action = action;
    this.#options = options;
    this.#forget = forget;
  }

  get held(): readonly PointHit[] {
    return this.#held.map(({ hit }) => hit);
  }

  /** Whether a passing is one that the rule acts on; it is counted when it fits. */
  counts(hit: PointHit): boolean {
    const { when, nth } = this.#match;
    if (!this.#names.every(([key, fits]) => fits(hit[key])) || !this.#isOfFlow(hit.flow)) return false;
    if (when !== undefined && !when(hit)) return false;
    this.hits++;
    return nth === undefined || nth === this.hits;
  }

  async act(hit: PointHit): Promise<void> {
    const action = this.#action;
    if ("delay" in action) await this.#options.clock.sleep(action.delay);
    else if ("hold" in action) await this.#hold(hit);
    else if ("fail" in action) throw errorOf(action.fail, hit);
    else if ("duplicate" in action) hit.duplicate();
    else if ("observe" in action) action.observe(hit);
    else await this.#crash(action.crash, hit);
  }

  release(count: number = this.#held.length): number {
    const going = this.#held.splice(0, Math.max(0, count));
    for (const { go } of going) go();
    return going.length;
  }

  remove(): void {
    this.#forget();
    this.release();
  }

  [Symbol.dispose](): void {
    this.remove();
  }

  #isOfFlow(flow: FlowRef): boolean {
    const wanted = this.#match.flow;
    if (wanted === undefined) return true;
    if (typeof wanted === "number") return wanted === flow.id;
    if (typeof wanted === "object") return wanted.id === flow.id && wanted.node === flow.node;
    return this.#flow?.(flow.name) === true || wanted === `${flow.node}/${flow.id}`;
  }

  #hold(hit: PointHit): Promise<void> {
    if (this.#held.length >= POINT_HELD_MAX) {
      const text = `Cannot hold at point "${hit.name}": ${POINT_HELD_MAX} are held there, release some`;
      throw new OrreryError("resource_exhausted", text);
    }
    return new Promise((go) => this.#held.push({ hit, go }));
  }

  #crash(what: true | "instance" | "node", hit: PointHit): Promise<never> {
    if (what === "node") this.#options.crashNode?.(hit);
    else hit.crash(new OrreryError("aborted", `Crashed at point "${hit.name}", as a rule asked`));
    return new Promise(() => undefined); // What has crashed goes no further.
  }
}

const ACTIONS = ["delay", "hold", "fail", "duplicate", "crash", "observe"];

function checkMatch(match: PointMatch): PointMatch {
  const { at, nth } = match;
  if (typeof at !== "string" || at === "")
    throw refused(at, "a rule needs the name of its point", 'write { at: "after-charge" }, with * for any characters');
  if (nth !== undefined && !(Number.isSafeInteger(nth) && nth >= 1))
    throw refused(at, `nth is ${nth}`, "write a whole number from 1, or leave it out for every passing");
  return match;
}

function checkAction({ at }: PointMatch, action: PointAction, { crashNode }: PointsOptions): PointAction {
  const given = Object.keys(action ?? {});
  const kind = given[0] ?? "nothing";
  if (given.length !== 1 || !ACTIONS.includes(kind))
    throw refused(at, `its action is "${given.join(", ")}"`, `write one of ${ACTIONS.join(", ")}`);
  if ("delay" in action && !(Number.isFinite(action.delay) && action.delay >= 0))
    throw refused(at, `delay is ${action.delay}`, "write ms from 0");
  if ("fail" in action && !isOrreryError(action.fail) && !isCode(action.fail))
    throw refused(at, `fail is "${String(action.fail)}"`, `give an OrreryError or one of ${CODES.join(", ")}`);
  if (("hold" in action && action.hold !== true) || ("duplicate" in action && action.duplicate !== true))
    throw refused(at, `${kind} is not true`, `write { ${kind}: true }`);
  if ("observe" in action && typeof action.observe !== "function")
    throw refused(at, "observe is no function", "give one that takes the passing");
  if ("crash" in action && ![true, "instance", "node"].includes(action.crash))
    throw refused(at, `crash is "${String(action.crash)}"`, 'write true, "instance" or "node"');
  if ("crash" in action && action.crash === "node" && crashNode === undefined)
    throw refused(at, "nothing here can crash a node", "give createPoints a crashNode, or crash the instance");
  return action;
}

function refused(at: unknown, why: string, advice: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot add a rule at point "${String(at)}": ${why}, ${advice}`);
}

/** An error thrown twice would show the stack of the first: a code makes a fresh one for each passing. */
function errorOf(fail: OrreryError | Code, { name }: PointHit): OrreryError {
  if (typeof fail !== "string") return fail;
  return new OrreryError(fail, `Failed at point "${name}", as a rule asked`);
}
