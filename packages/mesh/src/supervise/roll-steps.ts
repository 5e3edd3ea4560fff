import type { ChildSpec, GroupSpec, SuperviseSpec } from "./spec.ts";
import { stableText } from "./stable-text.ts";

/** One step of a rollout: what to apply, and what must be ready before the next. */
export interface RollStep {
  readonly spec: SuperviseSpec;
  /** Children that must be ready, and stay so for a while. */
  readonly ready: readonly string[];
  /** Children that must be gone. */
  readonly gone: readonly string[];
  /** Share of the changed children that run what is new after this step, where a stage ends; what they do is looked at then. */
  readonly stage?: number;
}

/** How to get from one specification to another. */
export interface RollStepsOptions {
  readonly from: SuperviseSpec;
  readonly to: SuperviseSpec;
  /** Whether one more process of what is new runs while an old one is replaced, so that a child that is alone is never missed. Default: true. */
  readonly surge?: boolean;
  /** Shares of the changed children, from 0 to 1, at which to stop and look. Default: none. */
  readonly stages?: readonly number[];
}

/** Group and name of the process that stands in. */
const SURGE = "rollout";

/**
 * Says how to get from one specification to another without ever having fewer children ready than either wants: first what is new, then one
 * changed child after another, then what is no longer wanted goes. The last step applies what is wanted in the end.
 */
export function rollSteps({ from, to, surge = true, stages = [] }: RollStepsOptions): readonly RollStep[] {
  const before = new Map(childrenOf(from).map((child) => [child.name, child]));
  const after = childrenOf(to);
  const changed = after.filter((child) => {
    const old = before.get(child.name);
    return old !== undefined && stableText(old.program) !== stableText(child.program);
  });
  const added = after.filter(({ name }) => !before.has(name)).map(({ name }) => name);
  const removed = [...before.keys()].filter((name) => !after.some((child) => child.name === name));
  const done = new Set<string>();
  const mixed = (extra?: ChildSpec) => mix({ from, to, done, extra });
  const steps: RollStep[] = [];
  if (added.length > 0) steps.push({ spec: mixed(), ready: added, gone: [] });
  for (const [index, child] of changed.entries()) {
    const extra = surge ? { ...child, name: standIn(child.name, [...before.keys(), ...added]) } : undefined;
    if (extra !== undefined) steps.push({ spec: mixed(extra), ready: [extra.name], gone: [] });
    done.add(child.name);
    steps.push({ spec: mixed(extra), ready: [child.name], gone: [] });
    const stage = stageAt(index, changed.length, stages);
    const gone = extra === undefined ? [] : [extra.name];
    if (gone.length > 0 || stage !== undefined)
      steps.push({ spec: mixed(), ready: [], gone, ...(stage === undefined ? {} : { stage }) });
  }
  const ready = [...added, ...changed.map(({ name }) => name)]; // What ailed before is not the new version's fault.
  return [...steps, { spec: to, ready, gone: removed }];
}

interface Mix {
  readonly from: SuperviseSpec;
  readonly to: SuperviseSpec;
  /** Changed children that run what is new. */
  readonly done: ReadonlySet<string>;
  readonly extra: ChildSpec | undefined;
}

/** What is wanted in the end, with old programs where their turn has not come, and with what is still to go. */
function mix({ from, to, done, extra }: Mix): SuperviseSpec {
  const old = new Map(childrenOf(from).map((child) => [child.name, child]));
  const names = new Set(childrenOf(to).map(({ name }) => name));
  const kept = (group: string) =>
    from.groups.find(({ name }) => name === group)?.children.filter(({ name }) => !names.has(name)) ?? [];
  const groups = to.groups.map((group): GroupSpec => {
    const children = group.children.map((child) => (done.has(child.name) ? child : (old.get(child.name) ?? child)));
    return { ...group, children: [...children, ...kept(group.name)] };
  });
  const going = from.groups
    .filter(({ name }) => !to.groups.some((group) => group.name === name))
    .map((group) => ({ ...group, children: kept(group.name) }));
  return { groups: [...groups, ...going, ...(extra === undefined ? [] : [{ name: SURGE, children: [extra] }])] };
}

/** The stage that ends with a child, the largest if several do. */
function stageAt(index: number, count: number, stages: readonly number[]): number | undefined {
  const reached = (shares: number) => Math.max(1, Math.ceil(shares * count));
  return stages.filter((share) => reached(share) === index + 1).at(-1);
}

function standIn(name: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const free = `${name.slice(0, 56)}.next${number === 1 ? "" : number}`;
    if (!taken.includes(free)) return free;
  }
}

function childrenOf(spec: SuperviseSpec): readonly ChildSpec[] {
  return spec.groups.flatMap(({ children }) => children);
}
