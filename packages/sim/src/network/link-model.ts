import { assertLatency, type Latency, unfit } from "./latency.ts";

/** Loss in bursts, after Gilbert and Elliott: a link is good or bad, and changes from message to message. Shares from 0 to 1. */
export interface BurstLoss {
  /** Chance that a good link turns bad before a message. */
  readonly enter: number;
  /** Chance that a bad link turns good before a message. */
  readonly leave: number;
  /** Share of messages that a bad link loses. Default: 1. */
  readonly loss?: number;
}

/**
 * How messages pass from one node to another. Calls, replies and one-way messages are lost, doubled, overtaken and damaged as if each went
 * by itself; streams, connections and control go over a medium that repeats what was lost: they come late, and in order.
 */
export interface LinkModel {
  /** Time on the way. Default: 0.1 ms. */
  readonly latency?: Latency;
  /** Bytes that pass in a second, one message after the other. Default: any number. */
  readonly bytesPerSecond?: number;
  /** Share of messages that never arrive, from 0 to 1, or bursts of loss. Default: 0. */
  readonly loss?: number | BurstLoss;
  /** Share of messages that arrive twice, from 0 to 1. Default: 0. */
  readonly duplicate?: number;
  /** Share of messages that take up to `byMs` longer, and may be overtaken meanwhile. Default: none. */
  readonly reorder?: { readonly share: number; readonly byMs: number };
  /** Share of messages of which one bit is flipped on the way, from 0 to 1. What can no longer be read is lost. Default: 0. */
  readonly corrupt?: number;
}

/** Checks a model. @throws OrreryError `invalid_argument` that names what cannot be. */
export function assertLinkModel(model: LinkModel): void {
  if (model.latency !== undefined) assertLatency(model.latency);
  const { loss, duplicate, reorder, corrupt, bytesPerSecond } = model;
  if (typeof loss === "object") {
    assertShare("loss.enter", loss.enter);
    assertShare("loss.leave", loss.leave);
    assertShare("loss.loss", loss.loss);
  } else assertShare("loss", loss);
  assertShare("duplicate", duplicate);
  assertShare("corrupt", corrupt);
  assertShare("reorder.share", reorder?.share);
  if (reorder !== undefined && !(Number.isFinite(reorder.byMs) && reorder.byMs >= 0))
    throw unfit(`reorder.byMs is ${reorder.byMs}, write a number from 0`);
  if (bytesPerSecond !== undefined && !(bytesPerSecond > 0))
    throw unfit(`bytesPerSecond is ${bytesPerSecond}, write a number above 0`);
}

function assertShare(name: string, share: number | undefined): void {
  if (share === undefined || (share >= 0 && share <= 1)) return;
  throw unfit(`${name} is ${share}, write a share from 0 to 1`);
}
