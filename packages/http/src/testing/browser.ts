import { createServer } from "node:http";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";

const PROGRAM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];

/** Starts a headless Chromium. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM, args: [...QUIET, "--disable-sync", "--no-first-run"] });
}

/** Serves a page with one script on an origin of its own. */
export async function servePage(script: string) {
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<!doctype html><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Bundles a TypeScript program with all it imports for a page. */
export async function bundlePage(source: string, folder: string): Promise<string> {
  const stdin = { contents: source, loader: "ts" as const, resolveDir: folder };
  const { outputFiles } = await build({ stdin, bundle: true, format: "iife", write: false, logLevel: "silent" });
  return outputFiles[0]?.text ?? "";
}

/** Runs a function of the page's script by name, and gives what it resolves to. */
export function callInPage(page: Page, name: string, ...words: readonly string[]): Promise<unknown> {
  return page.evaluate(`globalThis[${JSON.stringify(name)}](${words.map((word) => JSON.stringify(word)).join(", ")})`);
}
