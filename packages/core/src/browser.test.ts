import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
const skip = existsSync(CHROMIUM) ? false : `${CHROMIUM} is not installed: run npm run setup`;

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** Pages by path, with the security policy that each is under. */
const POLICIES: Readonly<Record<string, string>> = {
  "/open": "",
  "/strict": "default-src 'none'; script-src 'self'",
};

let server: Server;
let browser: Browser;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL("./testing/browser-program.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    conditions: ["source"],
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? assert.fail("no bundle");
}

before(async () => {
  if (skip !== false) return;
  const code = await bundle();
  server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path === "/program.js") {
      response.writeHead(200, { "content-type": "text/javascript" }).end(code);
      return;
    }
    const policy = POLICIES[path];
    response.writeHead(policy === undefined ? 404 : 200, {
      "content-type": "text/html",
      ...(policy === undefined || policy === "" ? {} : { "content-security-policy": policy }),
    });
    response.end('<!doctype html><script type="module" src="/program.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
});

after(async () => {
  await browser?.close();
  server?.close();
});

const expected = {
  total: 15,
  receipt: [1, 2, 255],
  item: "pen",
  number: "9007199254740993",
  items: 100,
  audit: "pencil costs 6",
};

for (const [path, policy] of Object.entries(POLICIES)) {
  const under = policy === "" ? "with no security policy" : "under a policy that forbids eval";
  test(`createNode runs in a browser ${under}: components call each other over every carrier there`, {
    skip,
  }, async () => {
    const { port } = server.address() as AddressInfo;
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${port}${path}`);
    await page.waitForFunction("globalThis.result !== undefined");
    const told = (await page.evaluate("globalThis.result")) as {
      failed?: string;
      evaluates: boolean;
      results: Record<string, { wrong: string }>;
    };
    assert.equal(told.failed, undefined);
    assert.equal(told.evaluates, policy === ""); // The strict page runs the codec that needs no code made at run time.
    assert.deepEqual(Object.keys(told.results), ["copy", "encode", "values", "bytes"]);
    for (const { wrong, ...rest } of Object.values(told.results)) {
      assert.deepEqual(rest, expected);
      assert.match(wrong, /^malformed: Cannot encode .*"shop\.v1\.BuyRequest": /);
    }
    assert.deepEqual(complaints, []);
    await page.close();
  });
}
