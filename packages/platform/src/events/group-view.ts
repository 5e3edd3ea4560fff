import type { GroupView } from "./events.ts";
import type { GroupState, Held } from "./group-state.ts";

/** Tells how a group stands, beside what its topic and its dead letters have. */
export function groupView(
  group: string,
  state: GroupState,
  { first, next, dead }: { readonly first: number; readonly next: number; readonly dead: number },
): GroupView {
  const { held, attemptsMax, visibilityMs } = state;
  const count = (kind: Held["kind"]) => held.filter((one) => one.kind === kind).length;
  return {
    group,
    attemptsMax,
    visibilityMs,
    offset: held[0]?.offset ?? state.next,
    behind: Math.max(0, next - Math.max(first, state.next)),
    out: count("out"),
    waiting: count("waiting"),
    dead: dead + count("dying"),
  };
}
