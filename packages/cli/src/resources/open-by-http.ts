import { createHttpClient } from "@orrery/http";
import type { Chosen } from "../environments/chosen.ts";
import { createAuthorization } from "../environments/session.ts";
import type { Terminal } from "../terminal.ts";
import type { Server } from "./server.ts";

/** Opens a way to a server by HTTP, on behalf of whoever is logged in or of a token. Apart from the other way, since what HTTP needs takes long to load. */
export function openByHttp(
  { environment, address: url, login, token }: Chosen,
  { terminal, timeoutMs }: { readonly terminal: Terminal; readonly timeoutMs: number },
): Pick<Server, "node" | "close"> {
  const isLogin = login !== undefined && environment !== undefined;
  const authorization = isLogin ? createAuthorization({ environment, url, terminal, timeoutMs }) : undefined;
  const client = createHttpClient({
    url,
    authorization: authorization ?? (async () => (token === undefined ? undefined : `Bearer ${token}`)),
  });
  return { node: client, close: async () => client.close() };
}
