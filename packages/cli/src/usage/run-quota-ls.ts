import type { QuotaMessage } from "@orrery/registry/service";
import { EXIT } from "../command-error.ts";
import { insideOf } from "../resources/inside-of.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { pages } from "../resources/run-ls.ts";
import type { Server } from "../resources/server.ts";
import { readAddress } from "../resources/target.ts";
import { askQuotas, quotaJson, quotaTable } from "./ask-quotas.ts";

/** `orrery quota ls` */
export const command: ResourceCommand<string | undefined> = {
  read: ({ words: [text] }) => (text === undefined ? undefined : readAddress(text)),
  act: async (address, { server, terminal, isJson }) => {
    const quotas: QuotaMessage[] = [];
    for (const place of await placesWithQuota(server, address))
      quotas.push(...(await askQuotas(server, place)).filter((one) => one.address === place));
    await terminal.write(isJson ? `${JSON.stringify(quotas.map(quotaJson))}\n` : quotaTable(quotas));
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** Addresses of what says a quota: of a resource and what lies in it, or of everything. */
async function placesWithQuota(server: Server, address: string | undefined): Promise<readonly string[]> {
  const { kinds } = await server.ask((registry, options) => registry.kinds({}, options));
  const able = kinds.filter(({ properties }) => properties.some(({ name }) => name === "quota"));
  const where = address === undefined ? ["**"] : [address, insideOf(address, "**")];
  const found = new Set<string>();
  for (const selector of where.flatMap((one) => able.map(({ name }) => `${one}<${name}>`)))
    for await (const page of pages(server, selector))
      for (const one of page)
        if (one.properties?.["quota"] !== undefined || one.properties?.["plan"] !== undefined) found.add(one.address);
  return [...found].sort();
}
