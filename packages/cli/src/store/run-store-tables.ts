import { StoreService } from "@orrery/platform/services";
import { EXIT } from "../command-error.ts";
import { formatBytes } from "../operate/format.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { asked, readSpace } from "../spaces/space-place.ts";
import { table } from "../table.ts";

/** `orrery store tables` */
export const command: ResourceCommand<{ readonly space: string }> = {
  read: (input, terminal) => ({ space: readSpace(input, terminal) }),
  act: async (wish, { server, terminal, isJson }) => {
    const { timeoutMs } = server;
    const { tables } = await asked(server, () => server.node.client(StoreService).tables(wish, { timeoutMs }));
    const told = tables.map(({ database, name, entries, bytes }) => {
      return { database, table: name, entries: Number(entries), bytes: Number(bytes) };
    });
    if (isJson) await terminal.write(`${JSON.stringify({ tables: told })}\n`);
    else if (told.length === 0) terminal.say("No tables hold anything");
    else {
      const rows = told.map((one) => [one.database, one.table, String(one.entries), formatBytes(one.bytes)]);
      await terminal.write(`${table([["DATABASE", "TABLE", "ENTRIES", "BYTES"], ...rows]).join("\n")}\n`);
    }
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
