import { barsTable } from "../lib/bars.ts";
import { formatMib, formatNumber, formatPercent, formatRate, formatRatio, formatTable } from "../lib/format.ts";
import { FOREIGN_MAX } from "../lib/patience.ts";
import { median, variation } from "../lib/statistics.ts";
import { judge, pointNs } from "./bars.ts";
import { CELLS, type Cell, type Section } from "./cells.ts";
import { createFigures, rateOf } from "./figures.ts";
import type { Figures, Measurement, Results } from "./results.ts";

/** Writes a run as Markdown: the machine, the bars, a table for each section, the noise. What was not run is left out. */
export function report(results: Results): string {
  const { machine, python, rounds, windowMs, seed, measurements } = results;
  const figures = createFigures(results);
  const cellsOf = (section: Section) =>
    CELLS.filter((cell) => cell.section === section && measurements.some((one) => one.cell === cell.name));
  const about = `Machine: ${machine}. ${python}. ${rounds} rounds, windows of ${formatNumber(windowMs / 1000)} s, seed ${seed}.`;
  const parts: readonly (readonly [Section, string, (cells: readonly Cell[]) => string])[] = [
    [
      "deliveries",
      "Deliveries in a second (ratio to the toy loop drained by turns)",
      (cells) => deliveries(figures, cells),
    ],
    ["timers", "Timers in a second (ratio to @sinonjs/fake-timers)", (cells) => timers(figures, cells)],
    ["moments", "What a test does once, in a fresh process", (cells) => moments(figures, cells)],
    ["memory", "Nodes that are up and wait", (cells) => memory(figures, cells)],
    ["costs", "What it costs code", () => costs(figures)],
    [
      "histories",
      "Linearizability of a key-value store, 50 clients, ms by operations",
      (cells) => histories(figures, cells),
    ],
    ["exploration", "Exploration", (cells) => exploration(figures, cells)],
  ];
  const sections = parts.flatMap(([section, title, write]) => {
    const cells = cellsOf(section);
    return cells.length === 0 ? [] : [`### ${title}\n\n${write(cells)}`];
  });
  return [about, `### Bars\n\n${barsTable(judge(results))}`, ...sections, `### Noise\n\n${noise(measurements)}`].join(
    "\n\n",
  );
}

function deliveries(figures: Figures, cells: readonly Cell[]): string {
  return grid(cells, (cell, name) => withRatio(figures, { cell, name, base: "toy", counted: "deliveries" }));
}

function timers(figures: Figures, cells: readonly Cell[]): string {
  return grid(cells, (cell, name) => withRatio(figures, { cell, name, base: "sinon", counted: "timers" }));
}

function moments(figures: Figures, cells: readonly Cell[]): string {
  const rows = cells.map(({ name, title }) => [title, shown(figures.ms(name, "world"), formatNumber)]);
  return formatTable(["", "ms"], rows);
}

function memory(figures: Figures, cells: readonly Cell[]): string {
  const rows = cells.map(({ name, title, size }) => {
    const count = (counted: string) => figures.count(name, "world", counted);
    const perNode = (bytes: number) => `${formatNumber(bytes / size / 1024)} KiB`;
    return [
      title,
      shown(count("heapBytes"), perNode),
      shown(count("rssBytes"), perNode),
      shown(count("rssBytes"), formatMib),
      shown(count("upMs"), (ms) => `${formatNumber(ms / 1000)} s`),
    ];
  });
  return formatTable(["", "heap of a node", "resident memory of a node", "of all", "to all being up"], rows);
}

function costs(figures: Figures): string {
  const rate = (name: string) => figures.rate("costs/capture", name, "tests");
  const slowed = (rate("without") ?? Number.NaN) / (rate("with") ?? Number.NaN);
  const rows = [
    ["a named point that nobody listens to", shown(pointNs(figures), (ns) => `${formatNumber(ns)} ns`)],
    ["an ordinary test with captured globals, beside one without", `${formatRatio(slowed)} ×`],
  ];
  return formatTable(["", ""], rows);
}

function histories(figures: Figures, cells: readonly Cell[]): string {
  return grid(cells, (cell, name) => shown(figures.ms(cell, name), formatNumber));
}

function exploration(figures: Figures, cells: readonly Cell[]): string {
  const rows = cells.map(({ name, title }) => {
    const rate = (counted: string) => figures.rate(name, "world", counted);
    const simulated = rate("simulatedMs");
    return [
      title,
      shown(rate("runs"), formatRate),
      shown(rate("events"), formatRate),
      shown(simulated, (ms) => formatRate(ms / 1000)),
    ];
  });
  return formatTable(["", "runs/s", "events/s", "simulated s/s"], rows);
}

/** One row for each contestant, one column for each cell. */
function grid(cells: readonly Cell[], show: (cell: string, contestant: string) => string): string {
  const titles = new Map(
    cells.flatMap(({ contestants }) => contestants.map(({ name, title }) => [name, title] as const)),
  );
  const rows = [...titles].map(([name, title]) => [title, ...cells.map((cell) => show(cell.name, name))]);
  return formatTable(["", ...cells.map(({ title }) => title)], rows);
}

interface Ratio {
  readonly cell: string;
  readonly name: string;
  readonly base: string;
  readonly counted: string;
}

function withRatio(figures: Figures, { cell, name, base, counted }: Ratio): string {
  const [rate, control] = [figures.rate(cell, name, counted), figures.rate(cell, base, counted)];
  if (rate === undefined) return "–";
  return control === undefined ? formatRate(rate) : `${formatRate(rate)} (${formatRatio(rate / control)})`;
}

function shown(value: number | undefined, format: (value: number) => string): string {
  return value === undefined || Number.isNaN(value) ? "–" : format(value);
}

function noise(measurements: readonly Measurement[]): string {
  const samples = measurements.flatMap((one) => one.samples);
  if (samples.length === 0) return "Nothing was measured.";
  const varied = measurements.flatMap(({ samples: own }) => {
    const [counted] = Object.keys(own[0]?.counts ?? {});
    return own.length < 2 || counted === undefined ? [] : variation(own.map((sample) => rateOf(sample, counted)));
  });
  const loud = samples.filter(({ foreign }) => foreign > FOREIGN_MAX).length;
  const failures = measurements.filter(({ failure }) => failure !== undefined);
  return [
    ...(varied.length === 0
      ? []
      : [
          `Coefficient of variation over the rounds: median ${formatPercent(median(varied))}, most ${formatPercent(Math.max(...varied))}.`,
        ]),
    `In ${loud} of ${samples.length} windows others took more than ${formatPercent(FOREIGN_MAX)} of the machine.`,
    ...failures.map(({ contestant, cell, failure }) => `${contestant} failed at ${cell}: ${failure}.`),
  ].join("\n");
}
