import { barsTable, judge } from "./bars.ts";
import { formatCell, formatMib, formatNumber, formatPercent, formatRate, formatRatio, formatTable } from "./format.ts";
import { createLookup, type Lookup } from "./lookup.ts";
import { FOREIGN_MAX } from "./patience.ts";
import type { MemoryResult, Results, Sample, StartTimes } from "./results.ts";
import { NETWORK, PROCESS } from "./roster.ts";
import { median, variation } from "./statistics.ts";

/** Writes a run as Markdown: the machine, a table for each metric, the bars, the noise. Sections that were not run are left out. */
export function report(results: Results): string {
  const network = createLookup(results.network, NETWORK);
  const process = createLookup(results.process, PROCESS);
  const { rounds, windowMs, seed, machine } = results;
  const parts = [
    `Machine: ${machine}. ${rounds} rounds, windows of ${formatNumber(windowMs / 1000)} s, seed ${seed}.`,
    section("Bars", barsTable(judge(results))),
    ...(results.network.length > 0 ? networkSections(network) : []),
    ...(results.process.length > 0 ? [section("Calls within one process", processTable(process))] : []),
    ...(results.start.length > 0 ? [section("Start of a process", startTable(results.start))] : []),
    ...(results.memory === undefined ? [] : [section("Memory", memoryText(results.memory))]),
    section("Noise", noiseText(results)),
  ];
  return parts.join("\n\n");
}

function section(title: string, body: string): string {
  return `### ${title}\n\n${body}`;
}

function networkSections(network: Lookup): string[] {
  const sequential = network.cells.filter((cell) => cell.endsWith("/1"));
  const pipelined = network.cells.filter((cell) => !cell.endsWith("/1"));
  const rate = (name: string, cell: string) => withRatio(network, name, cell);
  const latency = (name: string, cell: string) => {
    const [p50, p99] = [network.get("p50Micros", name, cell), network.get("p99Micros", name, cell)];
    return p50 === undefined || p99 === undefined ? gap(network, name, cell) : `${p50.toFixed(0)} / ${p99.toFixed(0)}`;
  };
  const cpu = (name: string, cell: string) => {
    const micros = network.get("cpuMicros", name, cell);
    return micros === undefined ? gap(network, name, cell) : formatNumber(micros);
  };
  return [
    ...(pipelined.length === 0
      ? []
      : [
          section(
            "Requests per second, by payload and calls in flight (ratio to the control)",
            grid(network, pipelined, rate),
          ),
          section("Ratio to the best peer", peerTable(network, pipelined)),
        ]),
    ...(sequential.length === 0
      ? []
      : [section("Sequential round trip, µs, p50 / p99", grid(network, sequential, latency))]),
    section("CPU time per call, client, server and broker, µs", grid(network, network.cells, cpu)),
  ];
}

function grid(network: Lookup, cells: readonly string[], show: (name: string, cell: string) => string): string {
  const rows = network.entries.map(({ name, title }) => [title, ...cells.map((cell) => show(name, cell))]);
  const shown = rows.filter((row) => row.slice(1).some((text) => text !== "–"));
  return formatTable(["", ...cells.map(formatCell)], shown);
}

function withRatio(network: Lookup, name: string, cell: string): string {
  const rate = network.get("rate", name, cell);
  if (rate === undefined) return gap(network, name, cell);
  const control = network.get("rate", NETWORK[0]?.name ?? "", cell);
  return control === undefined ? formatRate(rate) : `${formatRate(rate)} (${formatRatio(rate / control)})`;
}

function gap(network: Lookup, name: string, cell: string): string {
  return network.failure(name, cell) === undefined ? "–" : "failed";
}

function peerTable(network: Lookup, cells: readonly string[]): string {
  const ours = network.entries.filter(({ role }) => role === "ours");
  const peerRow = ["best peer", ...cells.map((cell) => network.fastestPeer(cell)?.entry.title ?? "–")];
  const ratio = (name: string, cell: string) => {
    const [rate, peer] = [network.get("rate", name, cell), network.fastestPeer(cell)];
    return rate === undefined || peer === undefined ? "–" : formatRatio(rate / peer.value);
  };
  const rows = ours.map(({ name, title }) => [title, ...cells.map((cell) => ratio(name, cell))]);
  return formatTable(["", ...cells.map(formatCell)], [...rows, peerRow]);
}

function processTable(process: Lookup): string {
  const show = (name: string, cell: string) => {
    const rate = process.get("rate", name, cell);
    if (rate === undefined) return gap(process, name, cell);
    const peer = process.fastestPeer(cell)?.value;
    const text = `${formatRate(rate)}/s, ${formatNumber(1e9 / rate)} ns`;
    return peer === undefined ? text : `${text} (${formatRatio(rate / peer)})`;
  };
  return `Behind each, in brackets, the ratio to Moleculer's local call.\n\n${grid(process, process.cells, show)}`;
}

function startTable(start: readonly StartTimes[]): string {
  const msOf = (name: string) => median(start.find((kind) => kind.name === name)?.ms ?? []);
  const rows = start.map(({ name, title, base }) => [
    title,
    formatNumber(msOf(name)),
    formatRatio(msOf(name) / msOf(base)),
  ]);
  return formatTable(["", "ms", "ratio to its base"], rows);
}

function memoryText({ seconds, calls, items, itemBytes, allowedBytes, server, client }: MemoryResult): string {
  const about =
    `${calls.toLocaleString("en")} calls that nobody answers and a stream of ${itemBytes / 1024} KiB items that is read slowly ` +
    `(${items} items) for ${seconds} s; resident memory after garbage collection. The named limits allow ${formatMib(allowedBytes)}.`;
  const rows = Object.entries({ server, client }).map(([side, { before, middle, last }]) => [
    side,
    ...[before, middle, last].map(formatMib),
  ]);
  return `${about}\n\n${formatTable(["", "before", "middle third, most", "last third, most"], rows)}`;
}

function noiseText({ network, process }: Results): string {
  const all = [...network, ...process].filter(({ samples }) => samples.length > 0);
  const vary = (figure: (sample: Sample) => number) => {
    const found = all.map(({ samples }) => variation(samples.map(figure)));
    return `median ${formatPercent(median(found))}, most ${formatPercent(Math.max(...found))}`;
  };
  const samples = all.flatMap((found) => found.samples);
  const loud = samples.filter(({ foreign }) => foreign > FOREIGN_MAX).length;
  const failures = [...network, ...process].filter(({ failure }) => failure !== undefined);
  if (samples.length === 0) return "Nothing was repeated.";
  return [
    `Coefficient of variation over the rounds: rate ${vary(({ rate }) => rate)}; CPU time per call ${vary(({ cpuMicros }) => cpuMicros)}.`,
    `In ${loud} of ${samples.length} windows others took more than ${formatPercent(FOREIGN_MAX)} of the machine.`,
    ...failures.map(({ contestant, cell, failure }) => `${contestant} failed at ${formatCell(cell)}: ${failure}.`),
  ].join("\n");
}
