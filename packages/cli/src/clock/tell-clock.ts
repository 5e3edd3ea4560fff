import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";

/** How a clock stands, as its service tells it. */
export interface ClockFacts {
  readonly state: string;
  readonly elapsedMs: number;
  readonly nextMs?: number;
  readonly events: number;
  readonly windows: number;
  readonly matched: string;
  readonly failure: string;
  readonly hash: string;
  readonly members: readonly MemberFacts[];
}

/** How one process of a run stands. */
export interface MemberFacts {
  readonly number: number;
  readonly pid: number;
  readonly nodes: readonly string[];
  readonly events: number;
  readonly nextMs?: number;
  readonly last: string;
  readonly busy: readonly string[];
}

/** Tells people how a clock stands: a line for it, one for each process, and what there is to say. */
export function tellClock(facts: ClockFacts, terminal: Terminal): string {
  const { state, elapsedMs, nextMs, events, windows, matched, failure, hash, members } = facts;
  const shown = colour(terminal, state === "failed" ? "bad" : state === "running" ? "busy" : "good", state);
  const own = [
    ["CLOCK", "TIME", "NEXT", "EVENTS", "WINDOWS"],
    [shown, timeOf(elapsedMs), timeOf(nextMs), String(events), String(windows)],
  ];
  const rows = members.map((member) => [
    String(member.number),
    String(member.pid),
    String(member.events),
    timeOf(member.nextMs),
    namesOf(member.nodes),
    member.last || "nothing yet",
  ]);
  const busy = members.flatMap((member) => member.busy);
  const more = [
    ...(matched === "" ? [] : [`Stopped behind ${matched}`]),
    ...(failure === "" ? [] : [failure]),
    ...(state === "idle" && busy.length > 0
      ? [`Nothing is left to happen, and what ${namesOf(busy)} does has not ended`]
      : []),
    ...(hash === "" ? [] : [`Hash ${hash}`]),
  ];
  const processes = table([["PROCESS", "PID", "EVENTS", "NEXT", "NODES", "LAST EVENT"], ...rows]);
  return `${[...table(own), "", ...processes, ...more].join("\n")}\n`;
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? "none" : `${ms} ms`;
}

/** Names that one line has room for. */
const NAMES_MAX = 4;

function namesOf(names: readonly string[]): string {
  const more = names.length - NAMES_MAX;
  return more > 0 ? `${names.slice(0, NAMES_MAX).join(",")} and ${more} more` : names.join(",");
}
