import type { Code, FlowRef, OrreryError, PointAction, PointHit, PointMatch, PointRule } from "@orrery/core";
import type { MessageFate, MessageMatch, MessageRule } from "../network/message-rules.ts";

/** Says which handlers, then what happens to them: `world.when("after-charge").inFlow("order-7").nth(2).delay(500)`. */
export interface WhenPoint {
  /** Only in a flow: its name, `node/id`, its id, or itself. */
  inFlow(flow: string | number | FlowRef): WhenPoint;
  /** Only at a node. */
  on(node: string): WhenPoint;
  /** Only in a component. */
  in(component: string): WhenPoint;
  /** Only the n-th passing that fits, from 1; each node counts its own. */
  nth(nth: number): WhenPoint;
  /** Only where it is true. */
  where(isMeant: (hit: PointHit) => boolean): WhenPoint;
  /** They wait for so many ms. */
  delay(ms: number): PointRule;
  /** They wait until the rule is released. */
  hold(): PointRule;
  /** They are thrown an error. */
  fail(error: OrreryError | Code): PointRule;
  /** Their message is handled twice. */
  duplicate(): PointRule;
  /** Their instance ends in the middle of it, or their node. */
  crash(what?: "instance" | "node"): PointRule;
  /** Nothing but that somebody looks. */
  observe(look: (hit: PointHit) => void): PointRule;
}

/** Says which messages, then what happens to them: `world.message("cell.set").from("till").nth(1).hold()`. */
export interface WhenMessage {
  from(node: string): WhenMessage;
  to(node: string): WhenMessage;
  inFlow(flow: string): WhenMessage;
  /** Only the n-th that fits, from 1. */
  nth(nth: number): WhenMessage;
  /** They wait until the rule is released, and what follows them on their connection with them. */
  hold(): MessageRule;
  drop(): MessageRule;
  duplicate(): MessageRule;
  delay(ms: number): MessageRule;
}

/** Begins a rule for a named point. */
export function whenPoint(match: PointMatch, add: (match: PointMatch, action: PointAction) => PointRule): WhenPoint {
  const but = (more: Partial<PointMatch>) => whenPoint({ ...match, ...more }, add);
  return {
    inFlow: (flow) => but({ flow }),
    on: (node) => but({ node }),
    in: (component) => but({ component }),
    nth: (nth) => but({ nth }),
    where: (when) => but({ when }),
    delay: (delay) => add(match, { delay }),
    hold: () => add(match, { hold: true }),
    fail: (fail) => add(match, { fail }),
    duplicate: () => add(match, { duplicate: true }),
    crash: (crash = "instance") => add(match, { crash }),
    observe: (observe) => add(match, { observe }),
  };
}

/** Begins a rule for messages. */
export function whenMessage(
  match: MessageMatch,
  add: (match: MessageMatch, fate: MessageFate) => MessageRule,
): WhenMessage {
  const but = (more: MessageMatch) => whenMessage({ ...match, ...more }, add);
  return {
    from: (from) => but({ from }),
    to: (to) => but({ to }),
    inFlow: (flow) => but({ flow }),
    nth: (nth) => but({ nth }),
    hold: () => add(match, "hold"),
    drop: () => add(match, "drop"),
    duplicate: () => add(match, "duplicate"),
    delay: (delayMs) => add(match, { delayMs }),
  };
}
