import type { IncomingMessage, ServerResponse } from "node:http";
import { buildPage } from "./page-files.ts";

/** Makes what answers every path that is no service: a file of the page, or 404. The page is built once, before. */
export async function createPageServer(): Promise<(request: IncomingMessage, response: ServerResponse) => void> {
  const files = await buildPage();
  return ({ method, url = "/" }, response) => {
    const file = files.get(url.split("?")[0] ?? "");
    const [status, body] = file === undefined ? [404, `Cannot find "${url}": the page is at /\n`] : [200, file.body];
    response.writeHead(status, {
      "content-type": file?.type ?? "text/plain; charset=utf-8",
      "content-security-policy": "default-src 'self'; img-src data:",
      "cache-control": "no-cache",
    });
    response.end(method === "HEAD" ? undefined : body);
  };
}
