import type { Clock } from "./clock.ts";
import type { Envelope } from "./envelope.ts";
import { BOUNCED_FIRST_MS, BOUNCED_MAX_MS, BOUNCING_COMPONENTS_MAX } from "./limits.ts";
import type { OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import type { Reason } from "./reasons.ts";

/** What a place says that takes no calls of a component now, though another place of it may. */
const PASSING: ReadonlySet<Reason | undefined> = new Set<Reason>([
  "overloaded",
  "draining",
  "not_ready",
  "throttled",
  "circuit_open",
  "no_such_component",
  "no_such_version",
]);

/** What came back of one component. */
interface Bounced {
  /** How long the place counts as bouncing, in ms. */
  forMs: number;
  /** Until when, on the node's monotonic clock. */
  untilMs: number;
}

/**
 * What bounced from one place lately, by component. A place that refuses at once has nothing open, and would look idle to who counts open
 * calls: it is as busy as can be for a while instead, twice as long after each try, until it answers one.
 * I1: what bounces in that while began before it, and counts as one with it. I2: at most `BOUNCING_COMPONENTS_MAX` are kept, and nothing that
 * was answered.
 */
export class Bounces {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #byComponent = new Map<string, Bounced>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Whether a call to the component would likely bounce now. */
  has(component: string): boolean {
    const bounced = this.#byComponent.get(component);
    return bounced !== undefined && this.#clock.monotonic() < bounced.untilMs;
  }

  /** Takes note of a call that bounced. */
  add(component: string): void {
    const nowMs = this.#clock.monotonic();
    const known = this.#byComponent.get(component);
    if (known === undefined) {
      this.#byComponent.set(component, { forMs: BOUNCED_FIRST_MS, untilMs: nowMs + BOUNCED_FIRST_MS });
      if (this.#byComponent.size > BOUNCING_COMPONENTS_MAX) this.#forgetFirst(); // I2
    } else if (nowMs >= known.untilMs) {
      known.forMs = Math.min(2 * known.forMs, BOUNCED_MAX_MS); // I1
      known.untilMs = nowMs + known.forMs;
    }
  }

  /** Takes note of a call that was answered; gives whether nothing is left that bounced. */
  answered(component: string): boolean {
    if (!this.has(component)) this.#byComponent.delete(component);
    return this.#byComponent.size === 0;
  }

  #forgetFirst(): void {
    for (const first of this.#byComponent.keys()) {
      this.#byComponent.delete(first);
      return;
    }
  }
}

/** Takes note of how a call through a port ended. To be called for errors, and for all while something bounced from there. */
export function noteEnd(
  { port, envelope }: { readonly port: Port; readonly envelope: Envelope },
  error: OrreryError | undefined,
  clock: Pick<Clock, "monotonic">,
): void {
  const component = envelope.head?.component ?? "";
  if (error !== undefined && PASSING.has(error.reason)) {
    port.bounces ??= new Bounces(clock);
    port.bounces.add(component);
  } else if (error === undefined || error.kind === "error") {
    if (port.bounces?.answered(component) === true) port.bounces = undefined;
  }
}
