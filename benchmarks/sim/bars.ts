// The bars that the simulator has set itself: ratios of things measured side by side in one run, and a few times and rates by themselves.
import type { Bar } from "../lib/bars.ts";
import { formatNumber, formatRate, formatRatio } from "../lib/format.ts";
import { createFigures } from "./figures.ts";
import type { Figures, Results } from "./results.ts";

/** Compares a run with every bar. */
export function judge(results: Results): Bar[] {
  const figures = createFigures(results);
  return [
    ...deliveryBars(figures),
    ...timerBars(figures),
    ...momentBars(figures),
    ...costBars(figures),
    ...historyBars(figures),
    ...explorationBars(figures),
  ];
}

/** What a named point costs beside the same loop without it, in ns. */
export function pointNs(figures: Figures): number | undefined {
  return figures.of("costs/point", "world", ({ counts }) => {
    const { points = Number.NaN, pointMs = Number.NaN, loopMs = Number.NaN } = counts;
    return ((pointMs - loopMs) / points) * 1e6;
  });
}

function deliveryBars(figures: Figures): Bar[] {
  const rate = (nodes: number, name: string) => figures.rate(`deliveries/${nodes}`, name, "deliveries");
  const share = (
    nodes: number,
    [name, title]: readonly [string, string],
    control: readonly [string, string],
    least: number,
  ) =>
    atLeast(
      `${count(nodes)} nodes, ${title}: at least ${least} of the ${control[1]}`,
      over(rate(nodes, name), rate(nodes, control[0])),
      least,
    );
  const hash = ["world", "with trace"] as const;
  const off = ["world-off", "without trace"] as const;
  const turns = ["toy", "toy loop, drained by turns"] as const;
  const steps = ["toy-step", "toy loop, drained by Node's own step"] as const;
  const shares = [50, 1000].flatMap((nodes) => [
    ...[turns, steps].flatMap((toy) => [share(nodes, hash, toy, 0.4), share(nodes, off, toy, 0.7)]),
    share(nodes, off, ["sync", "synchronous loop"], 0.15),
  ]);
  const leads = [
    [1000, 3],
    [100_000, 5],
  ].flatMap(([nodes = 0, least = 0]) =>
    [
      ["simpy2", "SimPy 2"],
      ["simpy3", "SimPy 3"],
      ["simpy3-callback", "SimPy 3 with callbacks"],
    ].map(([name = "", title]) => {
      const ratio = over(rate(nodes, "world"), rate(nodes, name));
      return atLeast(`${count(nodes)} nodes, with trace: at least ${least} × ${title}`, ratio, least);
    }),
  );
  return [
    rateBar("50 nodes, with trace: at least 200 k deliveries/s", rate(50, "world"), 200_000),
    ...shares,
    ...leads,
  ];
}

function timerBars(figures: Figures): Bar[] {
  const kinds = [
    ["fire", "add and fire"],
    ["cancel", "add and cancel"],
  ] as const;
  return kinds.flatMap(([what, title]) => {
    const rate = (size: number, name: string) => figures.rate(`${what}/${size}`, name, "timers");
    const beside = over(rate(100_000, "world"), rate(100_000, "sinon"));
    const flat = over(rate(1_000_000, "world"), rate(1000, "world"));
    return [
      atLeast(`Timers, ${title}, 100,000 pending: at least @sinonjs/fake-timers`, beside, 1),
      atLeast(`Timers, ${title}: a million pending at least 0.5 of a thousand`, flat, 0.5),
    ];
  });
}

function momentBars(figures: Figures): Bar[] {
  return [
    below("3,600 s with 100,000 events: below 1,000 ms", figures.ms("moments/hour", "world"), [1000, "ms"]),
    below("10,000 timeouts of 30 s: below 250 ms", figures.ms("moments/timeouts", "world"), [250, "ms"]),
    below("300 nodes up: below 250 ms", figures.ms("moments/nodes", "world"), [250, "ms"]),
  ];
}

function costBars(figures: Figures): Bar[] {
  const rate = (name: string) => figures.rate("costs/capture", name, "tests");
  const slowed = over(rate("without"), rate("with"));
  return [
    below("A named point in production: below 20 ns", pointNs(figures), [20, "ns"]),
    below("An ordinary test with captured globals: below 1.5 × as long", slowed, [1.5, "×"]),
  ];
}

function historyBars(figures: Figures): Bar[] {
  return (["plain", "lossy"] as const).map((kind) => {
    const title = kind === "plain" ? "each answered" : "1 answer in 20 lost";
    const ms = figures.ms("histories/5000", kind);
    return below(`History of 50 clients, 5,000 operations, ${title}: below 500 ms`, ms, [500, "ms"]);
  });
}

function explorationBars(figures: Figures): Bar[] {
  const speed = figures.rate("exploration/idle", "world", "simulatedMs");
  return [atLeast("12 nodes with little to do: at least 1,000 s in a second", speed && speed / 1000, 1000)];
}

function over(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || base === undefined ? undefined : value / base;
}

function rateBar(bar: string, rate: number | undefined, least: number): Bar {
  if (rate === undefined) return unknown(bar);
  return { bar, measured: `${formatRate(rate)}/s`, met: rate >= least };
}

function atLeast(bar: string, ratio: number | undefined, least: number): Bar {
  if (ratio === undefined) return unknown(bar);
  return { bar, measured: `${ratio >= 1000 ? count(Math.round(ratio)) : formatRatio(ratio)} ×`, met: ratio >= least };
}

function below(bar: string, value: number | undefined, [limit, unit]: readonly [number, string]): Bar {
  if (value === undefined) return unknown(bar);
  return { bar, measured: `${formatNumber(value)} ${unit}`, met: value < limit };
}

function unknown(bar: string): Bar {
  return { bar, measured: "–", met: undefined };
}

function count(value: number): string {
  return value.toLocaleString("en");
}
