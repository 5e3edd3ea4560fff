import type { NodeRequest, NodeResponse } from "@orrery/http";
import { buildPage } from "./page-files.ts";

/** Makes what answers every path that is no service: a file of the page, or 404. The page is built once, before. */
export async function createPageServer(): Promise<(request: NodeRequest, response: NodeResponse) => void> {
  const files = await buildPage();
  return ({ method, url = "/" }, response) => {
    const file = files.get(url.split("?")[0] ?? "");
    response.statusCode = file === undefined ? 404 : 200;
    response.setHeader("content-type", file?.type ?? "text/plain; charset=utf-8");
    response.setHeader("content-security-policy", "default-src 'self'; img-src data:");
    response.setHeader("cache-control", "no-cache");
    response.end(method === "HEAD" ? "" : (file?.body ?? `Cannot find "${url}": the page is at /\n`));
  };
}
