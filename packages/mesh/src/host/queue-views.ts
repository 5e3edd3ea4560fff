import type { Clock, JsonValue, Node } from "@orrery/core";
import type { Wanted } from "../elastic/elastic.ts";
import { wantedIn } from "../elastic/node-wanted.ts";
import { QUEUE_LOOK_MS, QUEUE_TOLD_MS } from "./limits.ts";

/** How the queues of one process of a component stand. */
export type QueueView = Wanted;

/** Options of what follows queues. */
export interface FollowQueuesOptions {
  readonly node: Pick<Node, "components">;
  /** Names of those that count: what the platform serves beside them is idle, and no help. */
  readonly components: readonly string[];
  readonly clock: Clock;
  /** Told of all components of the process together: while something waits at each look, else when who is idle changes, and now and then. */
  readonly tell: (view: QueueView) => void;
}

/** Tells how the queues of a process stand, from now on until it is ended. */
export function followQueues({ node, components, clock, tell }: FollowQueuesOptions): { end(): void } {
  let before: QueueView = { waitedMs: 0, waiting: 0, idle: -1 };
  let toldMs = 0;
  let timer = clock.timer(0, look);
  function look(): void {
    const now = viewOf(node, components);
    const nowMs = clock.monotonic();
    if (now.waiting > 0 || before.waiting > 0 || now.idle !== before.idle || nowMs - toldMs >= QUEUE_TOLD_MS) {
      toldMs = nowMs;
      tell(now);
    }
    before = now;
    timer = clock.timer(QUEUE_LOOK_MS, look);
  }
  return { end: () => timer.cancel() };
}

function viewOf(node: Pick<Node, "components">, components: readonly string[]): QueueView {
  const all = components.map((name) => wantedIn(node, name));
  return {
    waitedMs: Math.max(0, ...all.map(({ waitedMs }) => waitedMs)),
    waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
    idle: all.reduce((sum, { idle }) => sum + idle, 0),
  };
}

/** Reads what a process told of its queues; undefined for what is none. */
export function queueViewOf(news: JsonValue): QueueView | undefined {
  const { waitedMs, waiting, idle } = (news ?? {}) as Partial<Record<keyof QueueView, unknown>>;
  const all = [waitedMs, waiting, idle];
  if (!all.every((one): one is number => typeof one === "number" && Number.isFinite(one) && one >= 0)) return undefined;
  const [waited = 0, count = 0, free = 0] = all as readonly number[];
  return { waitedMs: waited, waiting: count, idle: free };
}
