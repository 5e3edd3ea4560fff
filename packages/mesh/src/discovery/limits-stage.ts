import type { DirectoryHost } from "@orrery/core";
import { type Envelope, type Head, isFinal, isUnlimited, refusalOf } from "@orrery/core/internal";
import type { Candidate } from "./candidate.ts";
import type { Stage } from "./choose-place.ts";
import { Place } from "./place-index.ts";

/** Leaves out what the node's own limits keep a message from: measured horizons, throttles, breakers. */
export interface LimitsStage extends Stage {
  /** Whether a way was refused since the last look for a cause that ends the search: what is too much comes back, or is let go. */
  readonly isStopped: boolean;
  /** Names the message that is asked about next. */
  look(head: Head, envelope: Envelope | undefined): void;
}

/**
 * Makes the stage of a node's limits. They are asked about ways, so a place to which none was opened passes; it is not chosen before there is
 * one.
 */
export function createLimitsStage(limits: NonNullable<DirectoryHost["limits"]>): LimitsStage {
  let head: Head | undefined;
  let envelope: Envelope | undefined;
  let isFree = true;
  let isStopped = false;
  const refusal = (candidate: Candidate) =>
    isFree || head === undefined || !(candidate instanceof Place) || !candidate.isOpened
      ? undefined
      : refusalOf(limits, candidate.port, head, envelope);
  return {
    name: "limits",
    get isStopped() {
      return isStopped;
    },
    keeps(candidate) {
      const refused = refusal(candidate);
      if (refused === undefined) return true;
      if (isFinal(refused)) isStopped = true;
      return false;
    },
    why: (candidate) => `it ${refusal(candidate)?.why() ?? "may be taken again"}`,
    look(nextHead, nextEnvelope) {
      head = nextHead;
      envelope = nextEnvelope;
      isFree = isUnlimited(limits, nextHead);
      isStopped = false;
    },
  };
}
