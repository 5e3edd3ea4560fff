// Windows and deliveries in a second of the machine, for a world over two processes at 10 ms of lookahead.
import { launchClock } from "@orrery/mesh/clock";

const CELLS = [
  { pairs: 1, open: 1, forMs: 200_000 },
  { pairs: 1, open: 10, forMs: 100_000 },
  { pairs: 4, open: 10, forMs: 50_000 },
  { pairs: 4, open: 100, forMs: 8_000 },
  { pairs: 4, open: 500, forMs: 2_000 },
];

console.log(["PROCESSES", "OPEN CALLS", "DELIVERIES/S", "WINDOWS/S", "DELIVERIES/WINDOW"].join("\t"));
for (const { pairs, open, forMs } of CELLS) {
  for (const processes of [1, 2]) {
    process.env["CLOCK_TRAFFIC"] = `${pairs} ${open} ${forMs}`;
    await using app = await launchClock({
      source: { kind: "scenario", file: "traffic.ts", cwd: import.meta.dirname },
      processes,
      endMs: forMs + 1000,
    });
    await app.coordinator.run({ untilMs: forMs / 10 });
    const before = app.coordinator.status;
    const startMs = performance.now();
    await app.coordinator.run({ untilMs: forMs });
    const seconds = (performance.now() - startMs) / 1000;
    const { events, windows } = app.coordinator.status;
    const rates = [(events - before.events) / seconds, (windows - before.windows) / seconds];
    const perWindow = (events - before.events) / Math.max(1, windows - before.windows);
    console.log([processes, pairs * open, ...rates.map(Math.round), perWindow.toFixed(1)].join("\t"));
  }
}
