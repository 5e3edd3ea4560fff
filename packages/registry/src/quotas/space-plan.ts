import { OrreryError } from "@orrery/core";
import type { Property } from "../kinds/kind.ts";
import type { Resource } from "../resource.ts";

/** What a plan lets a Space have. What is left out is not bounded. */
export interface SpacePlan {
  /** Of the plan. */
  readonly name: string;
  /** Instances of components of its apps, at a time. */
  readonly instances?: number;
  /** Bytes of its content, and of what its store holds. */
  readonly storageBytes?: number;
  /** Requests that its hosts answer, in the long run. */
  readonly requestsPerSecond?: number;
}

/** Limits of a plan that a whole Space meets. */
export const SPACE_LIMITS = ["instances", "storage", "requests"] as const;

/** One of them. */
export type SpaceLimit = (typeof SPACE_LIMITS)[number];

/** The property by which a Space says what its plan lets it have. Only operators set it: its bill does. */
export const SPACE_PLAN: Property = {
  summary: "What its plan lets it have, as its bill says: instances of its apps, bytes, requests a second",
  schema: {
    type: "object",
    properties: {
      name: { type: "string", minLength: 1, maxLength: 63 },
      instances: { type: "integer", minimum: 0, maximum: 1_000_000 },
      storageBytes: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      requestsPerSecond: { type: "number", minimum: 0.001, maximum: 1_000_000 },
    },
    required: ["name"],
    additionalProperties: false,
  },
  locked: true,
};

/** What a Space says of its plan; undefined for one without, and for what is no Space. */
export function spacePlanOf({ kind, properties }: Pick<Resource, "kind" | "properties">): SpacePlan | undefined {
  const plan = properties["plan"];
  if (kind !== "Space" || typeof plan !== "object" || plan === null) return undefined;
  return plan as unknown as SpacePlan;
}

/** What was refused by which limit of whose plan. */
export interface PlanRefusal {
  readonly space: string;
  readonly plan: string;
  readonly limit: SpaceLimit;
  /** What would have been, of what may be, as in `5 of 4`. */
  readonly used: string;
}

/** Makes the error of what a Space's plan does not let it have. Its details say which limit of which plan it was. */
export function planError(
  doing: string,
  { space, plan, limit, used }: PlanRefusal,
  { retryAfterMs }: { readonly retryAfterMs?: number } = {},
): OrreryError {
  const instead = retryAfterMs === undefined ? "have less of it" : "wait a little";
  return new OrreryError(
    "resource_exhausted",
    `Cannot ${doing}: it would be ${used} that plan "${plan}" lets "${space}" have, ${instead}, or choose a larger plan: orrery billing plans`,
    { details: { space, plan, limit, ...(retryAfterMs !== undefined && { retryAfterMs }) } },
  );
}
