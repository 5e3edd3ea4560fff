import type { PropertyValue } from "../kinds/kind.ts";
import type { Registry, ResourceView } from "../registry.ts";
import type { ChangeRequest } from "./change.ts";
import type { CreateRequest } from "./create.ts";
import { type By, localAddress } from "./ground.ts";
import type { WriteStep } from "./steps.ts";

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
  /** Opens what nobody sees but the checks: the registry as it is, to which steps can be done. */
  readonly open: () => Trial;
}

/** The registry as it would be. */
export interface Trial {
  /** @throws OrreryError as the write would */
  take(step: WriteStep, by: By): Promise<void>;
  readonly get: Registry["get"];
}

/** What a request sets. */
type Setting = Pick<CreateRequest, "address" | "properties"> | Pick<ChangeRequest, "address" | "properties">;

/**
 * Makes the writes that run checks first: of each property that a request sets, one after the other. It is done before the request waits
 * for its turn, so that what it takes to read a document holds up nobody else; where there is nothing to check, the request takes its turn at once.
 * Of several steps each is checked over those before it.
 */
export function checkedWrites(
  { create, change, apply }: Pick<Registry, "create" | "change" | "apply">,
  checking: Checking,
): Pick<Registry, "create" | "change" | "apply"> {
  return {
    create: async (request, by) => {
      if (isChecked(request, checking)) await runChecks(request, by, { ...checking, trial: checking.open() });
      return create(request, by);
    },
    change: async (request, by) => {
      if (isChecked(request, checking)) await runChecks(request, by, { ...checking, trial: checking.open() });
      return change(request, by);
    },
    apply: async (steps, by) => {
      if (steps.some((step) => isChecked(settingOf(step), checking))) await checkSteps(steps, by, checking);
      return apply(steps, by);
    },
  };
}

async function checkSteps(steps: readonly WriteStep[], by: By, checking: Checking): Promise<void> {
  const trial = checking.open();
  for (const step of steps) {
    await runChecks(settingOf(step), by, { ...checking, trial });
    // What may not be done the write refuses, or it was done before under the name of the request: then all of it is there to be looked at.
    await trial.take(step, by).catch(() => {});
  }
}

/** A removal sets nothing. */
function settingOf(step: WriteStep): Setting {
  if ("create" in step) return step.create;
  return "change" in step ? step.change : { address: step.remove.address };
}

function isChecked({ properties = {} }: Setting, { checks }: Checking): boolean {
  return Object.keys(properties).some((property) => Object.hasOwn(checks, property));
}

async function runChecks(
  { address, properties = {} }: Setting,
  by: By,
  { checks, trial }: Checking & { readonly trial: Trial },
): Promise<void> {
  for (const [property, value] of Object.entries(properties)) {
    const check = Object.hasOwn(checks, property) ? checks[property] : undefined;
    if (check === undefined || value === undefined) continue;
    const read = (of: string) => trial.get(of, { agent: by.agent });
    await check({ address: localAddress(address), property, value, get: read });
  }
}
