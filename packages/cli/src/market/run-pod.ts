import { readSince } from "../read-since.ts";
import { table } from "../table.ts";
import { timeText } from "./lease-words.ts";
import { DEPLOY_WAIT_MS } from "./limits.ts";
import { type MarketContext, marketCommand } from "./open-market.ts";
import { type OpenPod, openPod } from "./open-pod.ts";
import { statusFacts, statusText } from "./pod-text.ts";

/** What does commands about a pod that runs. */
export const handlers = {
  status: about(async (context, { lease, door }) => {
    const { pod } = await door.calls.getPod({ lease });
    if (pod !== undefined)
      await context.tell(statusText(pod, context), {
        ...statusFacts(pod),
        gateway: door.facts.gateway,
        provider: { url: door.url, account: door.account },
      });
  }),
  restart: about(async (context, { lease, door }) => {
    const { pod } = await door.calls.restart({ lease }, { timeoutMs: DEPLOY_WAIT_MS });
    if (pod !== undefined) await context.tell(statusText(pod, context), statusFacts(pod));
  }),
  metrics: about(async (context, { lease, door }) => {
    const sinceMs = BigInt(readSince(context.input, context.clock));
    const { points } = await door.calls.getMetrics({ lease, sinceMs });
    const facts = points.map(({ $typeName: _, ...point }) => ({
      at: timeText(Number(point.atMs)),
      ...Object.fromEntries(Object.entries(point).map(([name, value]) => [name, Number(value)])),
    }));
    if (context.isJson) {
      for (const fact of facts) await context.terminal.write(`${JSON.stringify(fact)}\n`);
      return;
    }
    const rows = points.map((one) => [
      ...[timeText(Number(one.atMs)), String(one.cpu), String(Math.round(Number(one.memoryBytes) / 1_048_576))],
      ...[String(one.ingressBytes), String(one.egressBytes), String(one.storageBytes), String(one.replicas)],
    ]);
    await context.tell(
      table([["AT", "CPU m", "MEMORY MiB", "IN B", "OUT B", "STORED B", "COPIES"], ...rows]).join("\n"),
      {},
    );
  }),
  events: about(async (context, { lease, door }) => {
    const { events } = await door.calls.listEvents({ lease });
    const rows = events.map(({ atMs, kind, text }) => [timeText(Number(atMs)), kind, text]);
    const facts = events.map(({ atMs, kind, text }) => ({ at: timeText(Number(atMs)), kind, text }));
    await context.tell(table(rows).join("\n"), facts);
  }),
} as const;

function about(work: (context: MarketContext, pod: OpenPod) => Promise<void>) {
  return marketCommand(async (context) => {
    using pod = await openPod(context);
    await work(context, pod);
    return undefined;
  });
}
