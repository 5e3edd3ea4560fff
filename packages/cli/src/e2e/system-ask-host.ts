import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { CALL_WAIT_MS } from "./limits.ts";

/** What a host answered. */
export interface HostAnswer {
  readonly status: number;
  readonly text: string;
}

/** Posts JSON to a path of a host, at the address at which it is served. Rejects where no answer comes. */
export function askHost(
  { web, host, path }: { readonly web: string; readonly host: string; readonly path: string },
  body: object,
): Promise<HostAnswer> {
  const url = new URL(path, web);
  const headers = { host: url.port === "" || url.hostname === host ? url.host.replace(url.hostname, host) : host };
  const ask = url.protocol === "https:" ? requestHttps : requestHttp;
  const options = {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    timeout: CALL_WAIT_MS,
  };
  return new Promise((resolve, reject) => {
    const asking = ask(url, { ...options, ...(url.protocol === "https:" && { servername: host }) }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asking.on("timeout", () => asking.destroy(new Error(`no answer within ${CALL_WAIT_MS / 1_000} s`)));
    asking.on("error", reject);
    asking.end(JSON.stringify(body));
  });
}
