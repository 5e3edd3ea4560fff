import type { PropertyValue } from "../kinds/kind.ts";
import type { Registry, ResourceView } from "../registry.ts";
import type { ChangeRequest } from "./change.ts";
import type { CreateRequest } from "./create.ts";
import { type By, localAddress } from "./ground.ts";

/** A value that somebody wants to set. */
export interface PropertyAsked {
  /** Of the resource, which may not be there yet. */
  readonly address: string;
  readonly property: string;
  readonly value: PropertyValue;
  /** Reads in the name of whoever wants it. @throws OrreryError `not_found`, `permission_denied` */
  get(address: string): Promise<ResourceView>;
}

/** Looks at a value before it is written, and may read for it what it names. What it throws is the answer, and nothing is written. */
export type PropertyCheck = (asked: PropertyAsked) => Promise<void>;

/** Checks by the name of the property, whatever kind has it. */
export type PropertyChecks = Readonly<Record<string, PropertyCheck>>;

/** What checks run with. */
export interface Checking {
  readonly checks: PropertyChecks;
  readonly get: Registry["get"];
}

/** What a request sets. */
type Setting = Pick<CreateRequest, "address" | "properties"> | Pick<ChangeRequest, "address" | "properties">;

/**
 * Makes the writes that run checks first: of each property that a request sets, one after the other. It is done before the request waits
 * for its turn, so that what it takes to read a document holds up nobody else; where there is nothing to check, the request takes its turn at once.
 */
export function checkedWrites(
  { create, change }: Pick<Registry, "create" | "change">,
  checking: Checking,
): Pick<Registry, "create" | "change"> {
  return {
    create: async (request, by) => {
      if (isChecked(request, checking)) await runChecks(request, by, checking);
      return create(request, by);
    },
    change: async (request, by) => {
      if (isChecked(request, checking)) await runChecks(request, by, checking);
      return change(request, by);
    },
  };
}

function isChecked({ properties = {} }: Setting, { checks }: Checking): boolean {
  return Object.keys(properties).some((property) => Object.hasOwn(checks, property));
}

async function runChecks({ address, properties = {} }: Setting, by: By, { checks, get }: Checking): Promise<void> {
  for (const [property, value] of Object.entries(properties)) {
    const check = Object.hasOwn(checks, property) ? checks[property] : undefined;
    if (check === undefined || value === undefined) continue;
    const read = (of: string) => get(of, { agent: by.agent });
    await check({ address: localAddress(address), property, value, get: read });
  }
}
