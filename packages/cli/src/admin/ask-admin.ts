import type { Client } from "@orrery/core";
import { AdminService } from "@orrery/platform/services";
import type { ResourceContext } from "../resources/resource-command.ts";
import { asked } from "../spaces/space-place.ts";

/** Asks about a platform as those who look after it. */
export function askAdmin<T>(
  { server }: Pick<ResourceContext, "server">,
  question: (client: Client<typeof AdminService>, options: { readonly timeoutMs: number }) => Promise<T>,
): Promise<T> {
  return asked(server, () => question(server.node.client(AdminService), { timeoutMs: server.timeoutMs }));
}
