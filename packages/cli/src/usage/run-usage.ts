import { UsageService } from "@orrery/registry/service";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import type { Server } from "../resources/server.ts";
import { readAddress } from "../resources/target.ts";
import { type UsageOf, usageJson, usageTable } from "./usage-form.ts";

interface Wish {
  /** Empty for everything. */
  readonly address: string;
  readonly byOwner: boolean;
}

/** `orrery usage` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const [text] = input.words;
    return { address: text === undefined ? "" : readAddress(text), byOwner: input.text("by") === "owner" };
  },
  act: async (wish, { server, terminal, isJson }) => {
    const usage = await askUsage(server, wish);
    await terminal.write(isJson ? `${JSON.stringify(usageJson(usage, wish))}\n` : usageTable(usage, wish));
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** Asks for all parts. The total is that of the first page: what comes while the others are read is not in it. */
async function askUsage(server: Server, wish: Wish): Promise<UsageOf> {
  const { timeoutMs } = server;
  const service = server.node.client(UsageService);
  const found: UsageOf = { total: undefined, parts: [] };
  try {
    for (let after = ""; ; ) {
      const { total, parts, next } = await service.readUsage({ ...wish, after }, { timeoutMs });
      found.total ??= total;
      found.parts.push(...parts);
      if (next === "") return found;
      after = next;
    }
  } catch (error) {
    throw server.explain(error);
  }
}
