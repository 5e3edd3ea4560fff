import { monitorEventLoopDelay } from "node:perf_hooks";
import type { TelemetryPlugin } from "./plugin.ts";

/** How finely the delay of the event loop is measured. */
const RESOLUTION_MS = 20;

/** Makes a plugin that measures this process: memory, CPU time, and how late its event loop is. It has no thread of its own. */
export function createProcessMetrics(): TelemetryPlugin {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const late = (nanos: number) => (Number.isFinite(nanos) ? Math.max(0, nanos / 1e9 - RESOLUTION_MS / 1000) : 0);
  return {
    name: "process",
    collect() {
      const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      const kinds = { rss, heap_used: heapUsed, heap_total: heapTotal, external, array_buffers: arrayBuffers };
      const delays = { 0.5: delay.percentile(50), 0.99: delay.percentile(99), 1: delay.max };
      delay.reset();
      return [
        {
          name: "orrery_process_memory_bytes",
          help: "Memory of the process, by kind.",
          type: "gauge",
          samples: Object.entries(kinds).map(([kind, value]) => ({ labels: { kind }, value })),
        },
        {
          name: "orrery_process_cpu_seconds_total",
          help: "CPU time of the process.",
          type: "counter",
          samples: [{ labels: {}, value: (user + system) / 1e6 }],
        },
        {
          name: "orrery_event_loop_delay_seconds",
          help: "How late the event loop was since the last scrape, by share of its turns.",
          type: "gauge",
          samples: Object.entries(delays).map(([quantile, nanos]) => ({ labels: { quantile }, value: late(nanos) })),
        },
        {
          name: "orrery_process_uptime_seconds",
          help: "How long the process runs.",
          type: "gauge",
          samples: [{ labels: {}, value: process.uptime() }],
        },
      ];
    },
    close: () => {
      delay.disable();
    },
  };
}
