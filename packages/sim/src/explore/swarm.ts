import type { Random } from "@orrery/core";
import type { Fault, TimedFault } from "../faults/fault.ts";
import type { FaultKind } from "./scenario.ts";

/** What faults are drawn for. */
export interface SwarmOptions {
  readonly random: Random;
  readonly kinds: readonly FaultKind[];
  readonly nodes: readonly string[];
  /** Faults begin within so many ms of the world. */
  readonly withinMs: number;
  /** Moments of which one is drawn for each beginning, in ms of the world. Default: any moment. */
  readonly momentsMs?: readonly number[];
}

/**
 * Draws the faults of one run. Each run has some kinds and not others, each weak or strong: kinds that hide one another are then met apart
 * (Groce and others: Swarm Testing, 2012).
 */
export function drawFaults(options: SwarmOptions): readonly TimedFault[] {
  const { random, kinds } = options;
  const drawn: TimedFault[] = [];
  for (const kind of kinds) {
    if (random.next() < 0.5) continue;
    const times = LASTING.has(kind) ? 1 : 1 + random.integer(3);
    for (let time = 0; time < times; time++) drawn.push(...drawFault(kind, options));
  }
  return drawn.sort((a, b) => a.atMs - b.atMs);
}

/** Kinds that hold for the whole run. */
const LASTING: ReadonlySet<FaultKind> = new Set(["loss", "duplicate", "reorder"]);

function drawFault(kind: FaultKind, { random, nodes, withinMs, momentsMs = [] }: SwarmOptions): readonly TimedFault[] {
  const atMs = roundMs(momentsMs.length === 0 ? random.next() * withinMs : oneOf(momentsMs, random));
  const endMs = roundMs(atMs + random.next() ** 2 * Math.max(withinMs, 100));
  const node = oneOf(nodes, random);
  const other = oneOf(nodes, random);
  const span = (begin: Fault, end: Fault) => [
    { atMs, fault: begin },
    { atMs: endMs, fault: end },
  ];
  const everywhere = { verb: "link", from: "*", to: "*" } as const;
  const share = roundMs(10 ** (-3 + 2 * random.next()));
  switch (kind) {
    case "crash":
      return span({ verb: "crash", node }, { verb: "restart", node });
    case "wipe":
      return span({ verb: "crash", node }, { verb: "restart-empty", node });
    case "partition":
      return span(drawPartition(nodes, random), { verb: "heal" });
    case "clog":
      return span({ verb: "clog", from: node, to: other }, { verb: "unclog", from: node, to: other });
    case "pause":
      return span({ verb: "pause", node }, { verb: "resume", node });
    case "slow":
      return span({ verb: "slow", node, ms: roundMs(10 ** (-1 + 3 * random.next())) }, { verb: "slow", node, ms: 0 });
    case "loss":
      return [{ atMs: 0, fault: { ...everywhere, change: { loss: share } } }];
    case "duplicate":
      return [{ atMs: 0, fault: { ...everywhere, change: { duplicate: share } } }];
    case "reorder":
      return [{ atMs: 0, fault: { ...everywhere, change: { reorder: { share: 0.1, byMs: roundMs(withinMs / 10) } } } }];
    case "jump":
      return [{ atMs, fault: { verb: "jump", node, ms: Math.round((random.next() - 0.5) * 20_000) } }];
    default:
      return span(
        { verb: "disk", node, state: oneOf(["slow", "full", "failing"] as const, random) },
        { verb: "disk", node, state: "ok" },
      );
  }
}

/** A side of some nodes, one way or both ways. */
function drawPartition(nodes: readonly string[], random: Random): Fault {
  const side = nodes.filter(() => random.next() < 0.5);
  const rest = nodes.filter((name) => !side.includes(name));
  if (side.length === 0 || rest.length === 0 || random.next() < 0.25)
    return { verb: "cut", from: oneOf(nodes, random), to: "*" };
  return { verb: "partition", groups: [side, rest] };
}

function oneOf<T>(items: readonly T[], random: Random): T {
  return items[random.integer(items.length)] as T;
}

function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
