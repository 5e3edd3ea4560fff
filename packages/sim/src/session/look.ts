import { isControl } from "@orrery/core/internal";
import type { PlannedEvent } from "../order/event-queue.ts";
import { shortInstance } from "../view/mermaid.ts";
import { messagesOf } from "../view/messages.ts";
import { formatTick, recordingOf } from "../view/recording.ts";
import type { HostedNode } from "../world/model-node.ts";
import type { ModelWorld } from "../world/model-world.ts";
import { tellPlanned, tellTime } from "./tell.ts";

/** Events that a look shows. */
const NEXT_MAX = 8;

/** Messages on their way that a look shows. */
const TRAVELLING_MAX = 12;

/** Tells where a world stands: nodes and their queues, what is on its way, what comes next. */
export function look(world: ModelWorld, rules: readonly string[]): readonly string[] {
  const ahead = world.scheduler.ahead(AHEAD_MAX);
  const travelling = ahead.filter(isMessage);
  return [
    `at ${tellTime(world)}, ${world.events} events have run, ${world.planned} are planned, trace ${world.trace.hash}`,
    ...part("nodes", tellNodes(world), Number.POSITIVE_INFINITY),
    ...part(
      "on their way",
      travelling.map((event) => tellPlanned(event, world)),
      TRAVELLING_MAX,
    ),
    ...part("rules", rules, Number.POSITIVE_INFINITY),
    ...part(
      "next",
      ahead.slice(0, NEXT_MAX).map((event) => tellPlanned(event, world)),
      NEXT_MAX,
    ),
  ];
}

/** Events that are looked through for messages. */
const AHEAD_MAX = 1_000;

function isMessage({ frame }: PlannedEvent): boolean {
  return frame?.kind === "message" && !isControl(frame.message);
}

function part(title: string, lines: readonly string[], max: number): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length > max ? [`  … and ${lines.length - max} more`] : [];
  return [title, ...lines.slice(0, max).map((line) => `  ${line}`), ...more];
}

function tellNodes(world: ModelWorld): readonly string[] {
  const width = Math.max(...[...world.nodes.keys()].map((name) => name.length));
  const running = new Set(world.scripts.nodes);
  const handled = handledBy(world);
  return [...world.nodes.values()].map((node) => {
    const script = running.has(node.name) ? ["at work"] : [];
    const parts = [node.alive ? "up" : "down", ...script, ...tellClock(node, world), ...tellInstances(node, handled)];
    return `${node.name.padEnd(width)}  ${parts.join(", ")}`;
  });
}

function tellClock({ alive, clock }: HostedNode, world: ModelWorld): readonly string[] {
  if (!alive) return [];
  const aheadMs = Math.round((clock.now() - world.epochMs - world.elapsedMs) * 1000) / 1000;
  return aheadMs === 0 ? [] : [`clock ${formatTick(Math.abs(aheadMs) * 1000)} ms ${aheadMs > 0 ? "ahead" : "behind"}`];
}

function tellInstances({ alive, life }: HostedNode, handled: ReadonlyMap<string, string>): readonly string[] {
  if (!alive) return [];
  return life.components().flatMap(({ instances }) =>
    instances.map(({ id, state, waiting }) => {
      const how = state === "ready" ? [] : [state];
      const busy = handled.has(id) ? [`handles ${handled.get(id)}`] : [];
      const queue = waiting === 0 ? [] : [`(${waiting} waiting)`];
      return [shortInstance(id), ...how, ...busy, ...queue].join(" ");
    }),
  );
}

/** What each instance handles: one message, or more where its component lets them in beside. */
function handledBy(world: ModelWorld): ReadonlyMap<string, string> {
  const handled = new Map<string, string>();
  for (const { component, method, node: from, handlings } of messagesOf(recordingOf(world))) {
    for (const { instance, startedTick, endedTick } of handlings) {
      if (startedTick === undefined || endedTick !== undefined) continue;
      const before = handled.get(instance);
      handled.set(instance, `${before === undefined ? "" : `${before}, `}${component}.${method} of ${from}`);
    }
  }
  return handled;
}
