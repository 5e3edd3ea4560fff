import type { FlowRef, Source } from "./envelope.ts";

/** One passing of a named point: who came by, with what, in which message. */
export interface PointHit {
  readonly name: string;
  /** What the handler gave: its own object, to be looked at only. */
  readonly data: unknown;
  readonly node: string;
  readonly component: string;
  readonly method: string;
  readonly instance: string;
  readonly flow: FlowRef;
  /** Id of the message that is handled, unique within its source's node. */
  readonly messageId: number;
  readonly source: Source;
  readonly agent: string;
  /**
   * Handles the message once more at its instance, after those that wait there, as if it had come twice; what it answers goes nowhere.
   * A message that was made so is not repeated again. @throws OrreryError `failed_precondition` for one that has opened a stream.
   */
  duplicate(): void;
  /** Ends the instance as a crash does; the container replaces it. The handler is not stopped by it: let its point never end. */
  crash(cause: unknown): void;
}

/** What a node does at each named point: what it throws reaches the handler, and the handler waits for what it gives. */
export type PointHook = (hit: PointHit) => void | Promise<void>;

/** A place in code where something rare may be made to happen. */
export interface MaybeSite {
  readonly name: string;
  readonly node: string;
  readonly component: string;
  readonly flow: FlowRef;
}

/** Decides whether the rare thing happens this time. */
export type MaybeHook = (site: MaybeSite) => boolean;

/** What a node does at the named points of its handlers; nothing where a hook is absent. */
export interface PointHooks {
  readonly onPoint?: PointHook | undefined;
  readonly maybe?: MaybeHook | undefined;
}

/** What `point` gives where nobody listens: one promise for all, so that a point costs next to nothing. */
export const PASSED: Promise<void> = Promise.resolve();
