import { describeMachine } from "../lib/machine.ts";
import { TELEMETRY_KINDS, type TelemetryCost } from "../lib/telemetry-cost.ts";
import type { CallCost } from "./calls.ts";
import type { Detection, Traffic } from "./worlds.ts";

/** All that was measured. */
export interface DiscoveryFigures {
  readonly traffic: readonly Traffic[];
  readonly detections: readonly Detection[];
  readonly decisions: readonly { readonly places: number; readonly warmUs: number; readonly coldUs: number }[];
  readonly memoryBytes: number;
  /** Times in ms, the shortest first. */
  readonly joins: { readonly orrery: readonly number[]; readonly moleculer: readonly number[] };
  readonly calls: readonly CallCost[];
  readonly telemetry: readonly TelemetryCost[];
}

/** Writes the tables. */
export function describeAll(figures: DiscoveryFigures): string {
  const { traffic, detections, decisions, memoryBytes, joins, calls, telemetry } = figures;
  return [
    "### Control traffic",
    table(
      [
        "nodes",
        "all know all after",
        "bytes a node until then",
        "quiet: bytes/s a node",
        "quiet: messages/s a node",
        "every load changing: bytes/s a node",
      ],
      traffic.map((one) => [
        one.nodes,
        ms(one.joinMs),
        Math.round(one.joinBytes),
        one.quietBytesPerSecond.toFixed(0),
        one.quietMessagesPerSecond.toFixed(1),
        one.busyBytesPerSecond.toFixed(0),
      ]),
    ),
    "### Deaths",
    table(
      [
        "nodes",
        "what died",
        "loss",
        "kills",
        "first to know: median",
        "95 %",
        "longest",
        "all know: median",
        "95 %",
        "longest",
        "wrongly dead",
      ],
      detections.map(({ nodes, death, loss, kills, firstMs, allMs, wrong }) => [
        nodes,
        death,
        `${loss * 100} %`,
        kills,
        ...spread(firstMs),
        ...spread(allMs),
        wrong,
      ]),
    ),
    "### Decisions and memory",
    table(
      ["places", "one decision", "the same, code and connections fresh"],
      decisions.map(({ places, warmUs, coldUs }) => [places, `${warmUs.toFixed(2)} µs`, `${coldUs.toFixed(1)} µs`]),
    ),
    `A known node with one instance of one component takes ${(memoryBytes / 1024).toFixed(1)} KiB.`,
    "### Two processes",
    table(
      ["", "median", "longest", "times"],
      Object.entries(joins).map(([name, times]) => [name, ms(at(times, 0.5)), ms(at(times, 1)), times.length]),
    ),
    "### Calls",
    callTable(calls),
    "### Tracing",
    telemetryTable(telemetry),
    describeMachine(),
  ].join("\n\n");
}

function callTable(calls: readonly CallCost[]): string {
  const rows = calls.map(({ places, lanes, fixed, found }) => [
    places,
    lanes,
    `${(fixed / 1000).toFixed(1)} µs`,
    `${(found / 1000).toFixed(1)} µs`,
    (fixed / found).toFixed(2),
  ]);
  return table(["places", "calls at once", "to fixed addresses", "found", "as many as to fixed addresses"], rows);
}

function telemetryTable(costs: readonly TelemetryCost[]): string {
  const rows = costs.map(({ carrier, plainMicros, shares }) => [
    carrier === "tcp" ? "TCP" : carrier,
    `${plainMicros.toFixed(2)} µs`,
    ...shares.map((share) => share.toFixed(3)),
  ]);
  return table(["carrier", "without telemetry", ...TELEMETRY_KINDS.map(({ title }) => title)], rows);
}

function spread(times: readonly number[]): readonly string[] {
  const sorted = [...times].sort((a, b) => a - b);
  return [0.5, 0.95, 1].map((share) => ms(at(sorted, share)));
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function ms(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(0)} ms`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
