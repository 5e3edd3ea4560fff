import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const PORT = "7101";
const root = new URL("../../../", import.meta.url).pathname;
let folder: string;
const running: ChildProcess[] = [];

/** A port that is free at this moment, so that the page's own may be in use. */
async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? String(address.port) : assert.fail("no port");
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "orrery-readme-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const page = readFileSync(new URL("../README.md", import.meta.url), "utf8").replaceAll(PORT, await freePort());
  for (const [, name = "", code = ""] of page.matchAll(/```ts\n\/\/ file: (\S+)\n(.*?)```/gs))
    writeFileSync(join(folder, name), code);
});

after(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Runs a file of the page, as a newcomer would. */
function run(file: string): { child: ChildProcess; printed: Promise<string>; line: Promise<string> } {
  const child = spawn(process.execPath, ["--conditions=source", file], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.push(child);
  const first = Promise.withResolvers<string>();
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
    if (text.includes("\n")) first.resolve(text.split("\n")[0] ?? "");
  });
  const printed = new Promise<string>((resolve) => child.on("close", () => resolve(text)));
  child.on("close", () => first.resolve(text));
  return { child, printed, line: first.promise };
}

test("README's first program prints what it says", async () => {
  assert.equal(await run("weather.ts").printed, "{ celsius: -3 }\n");
});

test("README's two components talk over ZeroMQ, whichever starts first", async () => {
  const early = run("trips-node.ts");
  const weather = run("weather-node.ts");
  assert.match(await weather.line, /^weather is served at tcp:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await early.printed, "{ pack: 'a coat' }\n");
  assert.equal(await run("trips-node.ts").printed, "{ pack: 'a coat' }\n");
  weather.child.kill("SIGINT");
  await weather.printed;
  assert.equal(weather.child.exitCode, 0);
});
