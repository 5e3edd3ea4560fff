import { AppsService, type InstanceStatsMessage } from "@orrery/platform/service";
import { EXIT } from "../command-error.ts";
import type { FittedColumn } from "../fitted-table.ts";
import { formatBytes, formatTime } from "../operate/format.ts";
import { tableText } from "../resources/app-status.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { appAddress } from "./app-names.ts";

interface Wish {
  readonly address: string;
  readonly isMetrics: boolean;
}

/** `orrery stats` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({ address: appAddress(input, input.words[0] ?? ""), isMetrics: input.has("metrics") }),
  act: async ({ address, isMetrics }, { server, terminal, isJson }) => {
    const apps = server.node.client(AppsService);
    const options = { timeoutMs: server.timeoutMs };
    try {
      if (isMetrics) {
        const { text } = await apps.getMetrics({ address }, options);
        await terminal.write(isJson ? `${JSON.stringify({ address, text })}\n` : text);
        return EXIT.done;
      }
      const { instances } = await apps.getStats({ address }, options);
      if (isJson) await terminal.write(`${JSON.stringify({ address, instances: instances.map(statsJson) })}\n`);
      else if (instances.length > 0) await terminal.write(tableText(instances, COLUMNS, terminal));
      else await terminal.write(`No process of ${address} runs\n`);
      return EXIT.done;
    } catch (error) {
      throw server.explain(error);
    }
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

const told = (text: (one: InstanceStatsMessage) => string) => (one: InstanceStatsMessage) =>
  one.told ? text(one) : "-";

const COLUMNS: readonly FittedColumn<InstanceStatsMessage>[] = [
  { heading: "PROCESS", text: ({ name }) => name, dropped: 0 },
  {
    heading: "STATE",
    text: ({ state }) => state,
    dropped: 0,
    mood: ({ state }) => (state === "ready" ? "good" : state === "given-up" ? "bad" : "busy"),
  },
  { heading: "UPTIME", text: told(({ uptimeMs }) => formatTime(uptimeMs)), right: true, dropped: 2 },
  { heading: "MEMORY", text: told(({ memoryBytes }) => formatBytes(Number(memoryBytes))), right: true, dropped: 0 },
  { heading: "CPU", text: told(({ cpuMs }) => formatTime(cpuMs)), right: true, dropped: 1 },
  { heading: "REQUESTS", text: told(({ requests }) => String(requests)), right: true, dropped: 0 },
  { heading: "ERRORS", text: told(({ errors }) => String(errors)), right: true, dropped: 0 },
  { heading: "BUSY", text: told(({ busy }) => String(busy)), right: true, dropped: 4 },
  { heading: "WAITING", text: told(({ waiting }) => String(waiting)), right: true, dropped: 3 },
  { heading: "RESTARTS", text: ({ restarts }) => String(restarts), right: true, dropped: 5 },
];

function statsJson({ name, component, state, restarts, ...one }: InstanceStatsMessage): object {
  const about = { name, component, state, restarts };
  if (!one.told) return about;
  const { uptimeMs, cpuMs, waiting, busy } = one;
  const counts = { requests: Number(one.requests), errors: Number(one.errors), waiting, busy };
  return { ...about, uptimeMs, memoryBytes: Number(one.memoryBytes), cpuMs, ...counts };
}
