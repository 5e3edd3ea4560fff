import { printAddress } from "./address.ts";
import type { Hop, PathHop, Selector } from "./selector.ts";

/** A resource as a selector sees it. */
export interface Selectable {
  readonly address: string;
  readonly kind: string;
}

/** Tells whether a selector means a resource. */
export function selects(selector: Selector, { address, kind }: Selectable): boolean {
  if (selector.kind !== undefined && selector.kind !== kind) return false;
  const { route, steps } = stepsOf(address);
  return route === (selector.authority?.text ?? "") && allFit(hopsOf(selector), steps);
}

/** What to look through for all that a selector means: an address whose whole text is known, and how far below it to look. */
export interface SearchPlan {
  /** The longest address of which no step is `*`; `""` for all spaces. */
  readonly root: string;
  /** `itself`: no `*` at all; `children`: one step; `below`: any depth. */
  readonly reach: "itself" | "children" | "below";
  /** Whether all within the plan is meant, the kind aside. */
  readonly isExact: boolean;
}

/** Plans the search for what a selector means; all of it lies within the plan, and not all within the plan is meant. */
export function searchPlan({ authority, hops, path }: Selector): SearchPlan {
  const fixed = hops.findIndex(isWild);
  const segments = (fixed === -1 ? hops : hops.slice(0, fixed)).filter((hop) => !isWild(hop)) as {
    form: "name";
    text: string;
  }[];
  const route = authority === undefined ? {} : { authority };
  const print = (inside?: string) =>
    segments.length === 0
      ? ""
      : printAddress({ ...route, segments, ...(inside === undefined ? {} : { path: inside }) });
  if (fixed !== -1) return planOf(print(), hops.slice(fixed), path);
  if (path === undefined) return { root: print(), reach: "itself", isExact: true };
  const wild = path.findIndex(isWild);
  const parts = (wild === -1 ? path : path.slice(0, wild)).map((hop) => (hop.form === "part" ? hop.text : ""));
  if (wild === -1) return { root: print(`/${parts.join("/")}`), reach: "itself", isExact: true };
  const plan = planOf(parts.length === 0 ? print() : print(`/${parts.join("/")}/`), path.slice(wild));
  return { ...plan, isExact: plan.isExact && parts.length > 0 }; // What lies in a bundle or file system need not be in its path.
}

function isWild(hop: Hop | PathHop): boolean {
  return hop.form === "any" || hop.form === "below";
}

function planOf(root: string, rest: readonly (Hop | PathHop)[], path?: readonly PathHop[]): SearchPlan {
  const isLast = rest.length === 1 && path === undefined;
  return { root, reach: isLast && rest[0]?.form === "any" ? "children" : "below", isExact: isLast };
}

/** One step of an address: a segment or a part of a path. */
interface Step {
  readonly isPart: boolean;
  readonly text: string;
}

function stepsOf(address: string): { route: string; steps: readonly Step[] } {
  const root = address.indexOf(":/");
  const head = root === -1 ? address : address.slice(0, root);
  const from = head.indexOf("::");
  const route = from === -1 ? "" : head.slice(0, from);
  const steps: Step[] = head
    .slice(from === -1 ? 0 : from + 2)
    .split(":")
    .map((text) => ({ isPart: false, text }));
  if (root === -1) return { route, steps };
  const parts = address.slice(root + 2).split("/");
  if (parts.at(-1) === "") parts.pop();
  for (const text of parts) steps.push({ isPart: true, text });
  return { route, steps };
}

interface Want {
  readonly hop: Hop | PathHop;
  readonly inPath: boolean;
}

function hopsOf({ hops, path }: Selector): readonly Want[] {
  const inside =
    path?.at(-1)?.form === "part" && (path.at(-1) as { text: string }).text === "" ? path.slice(0, -1) : path;
  return [...hops.map((hop) => ({ hop, inPath: false })), ...(inside ?? []).map((hop) => ({ hop, inPath: true }))];
}

function allFit(wants: readonly Want[], steps: readonly Step[]): boolean {
  for (const [index, { hop, inPath }] of wants.entries()) {
    const step = steps[index];
    if (step === undefined || (inPath && !step.isPart)) return false;
    if (hop.form === "below") return true;
    if (hop.form === "any") continue;
    if (hop.text !== step.text || step.isPart !== inPath) return false;
  }
  return steps.length === wants.length;
}
