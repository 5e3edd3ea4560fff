import type { Overview, TenantLine } from "@orrery/market";
import { timeText } from "../lease-words.ts";
import { isRunning } from "./overview-text.ts";

/** Pods whose processes run still. */
export function leftOf({ pods }: Overview): readonly TenantLine[] {
  return pods.filter(({ state }) => isRunning(state));
}

/** Pods whose leases have no notice yet, or of which that is not known. */
export function noticesOwed({ pods }: Overview): readonly TenantLine[] {
  return pods.filter(({ stage }) => stage === "" || stage === "Open" || stage === "Active");
}

/** Tells what changed of pods from one look to the next. */
export interface DrainNews {
  linesOf(overview: Overview): readonly string[];
  progressOf(overview: Overview): string;
}

/** Makes one of which nothing was told. */
export function createDrainNews(): DrainNews {
  const told = new Set<string>();
  const ran = new Set<string>();
  const once = (key: string, line: string) => {
    if (told.has(key)) return [];
    told.add(key);
    return [line];
  };
  return {
    linesOf: (overview) =>
      overview.pods.flatMap((pod) => {
        const { name, lease, endsAt, why } = pod;
        if (isRunning(pod.state)) ran.add(lease);
        else return !ran.has(lease) ? [] : once(`${lease} ended`, `${name} does not run any more: ${why || pod.state}`);
        if (endsAt === 0) return [];
        return once(`${lease} ${endsAt}`, `${name} has notice, and runs until ${timeText(endsAt * 1_000)}`);
      }),
    progressOf: (overview) => {
      const [left, owed] = [leftOf(overview), noticesOwed(overview)];
      const last = Math.max(0, ...left.map(({ endsAt }) => endsAt));
      const until = last === 0 ? "" : `, the last until ${timeText(last * 1_000)}`;
      const notices = owed.length === 0 ? "" : `; ${owed.length} have no notice yet`;
      return `${podsText(left.length)} of ${overview.pods.length}${until}${notices}`;
    },
  };
}

/** What a drain came to, and what is next. */
export function drainedText(overview: Overview): readonly string[] {
  const [left, owed] = [leftOf(overview), noticesOwed(overview)];
  if (overview.intake !== "draining")
    return [`It is not drained any more: it ${overview.closed === "" ? "takes pods again" : "is paused"}`];
  const faults = overview.alerts.filter(({ text }) => text.includes("has no notice yet")).map(({ text }) => text);
  if (owed.length > 0)
    return [
      `${owed.length} of ${overview.pods.length} pods have no notice yet; the provider goes on giving it`,
      ...faults,
    ];
  if (left.length > 0)
    return [
      `Notice is given; ${podsText(left.length)} until service ends. Next: orrery provider drain waits again, orrery provider resume takes new pods`,
    ];
  return [`No pod runs${settlingText(overview)}`];
}

/** Whether a provider may be ended now: its leases are settled by it. */
function settlingText({ pods }: Overview): string {
  const open = pods.filter(({ stage }) => stage !== "Settled");
  if (open.length === 0) return ", and all leases are settled: the provider can be ended";
  const last = Math.max(0, ...open.map(({ settlesAt }) => settlesAt));
  const when = last === 0 ? "" : ` by ${timeText(last * 1_000)}`;
  return `. Leave the provider up: ${open.length === 1 ? "1 lease is" : `${open.length} leases are`} settled${when}, and what they owe is paid then`;
}

function podsText(count: number): string {
  return count === 1 ? "1 pod runs" : `${count} pods run`;
}
