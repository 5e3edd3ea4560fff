import { AppsService, type SpaceServiceMessage } from "@orrery/platform/service";
import type { FittedColumn } from "../fitted-table.ts";
import { tableText } from "../resources/app-status.ts";
import { WATCH_SILENT_MS } from "../resources/limits.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readAddress } from "../resources/target.ts";
import { untilInterrupted } from "../resources/until-interrupted.ts";

interface Wish {
  readonly space: string;
  readonly follow: boolean;
}

/** `orrery services --space=SPACE` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({ space: readAddress(input.text("space") ?? ""), follow: input.has("watch") }),
  act: (wish, { server, terminal, isJson }) =>
    untilInterrupted({ server, terminal }, async (signal) => {
      const options = { signal, ...(wish.follow ? { idleMs: WATCH_SILENT_MS } : { timeoutMs: server.timeoutMs }) };
      for await (const { services } of server.node.client(AppsService).watchServices(wish, options)) {
        if (services === undefined) continue;
        const all = services.services;
        const text = tableText(all, COLUMNS, terminal) || `No service takes calls in ${wish.space}\n`;
        if (!(await terminal.write(isJson ? `${JSON.stringify(all.map(serviceJson))}\n` : text))) break;
      }
    }),
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

const COLUMNS: readonly FittedColumn<SpaceServiceMessage>[] = [
  { heading: "SERVICE", text: ({ name }) => name, dropped: 0 },
  { heading: "APP", text: ({ app }) => app, dropped: 0 },
  { heading: "PROCESSES", text: ({ instances }) => String(instances.length), right: true, dropped: 0 },
  { heading: "METHODS", text: ({ methods }) => methods.join(" "), dropped: 1 },
];

function serviceJson({ name, app, component, methods, instances }: SpaceServiceMessage): object {
  return { name, app, component, methods, instances };
}
