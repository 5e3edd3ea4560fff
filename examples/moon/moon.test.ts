import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";

const HERE = import.meta.dirname;
const README = readFileSync(join(HERE, "README.md"), "utf8");
const [START = "", MAKE = "", UPDATE = ""] = blocksOf("sh");
const [PRINTED = ""] = blocksOf("text");
/** A blank page is far smaller. */
const SCREENSHOT_BYTES_MIN = 25_000;

function blocksOf(language: string): readonly string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, text = ""]) => text);
}

const folder = mkdtempSync(join(tmpdir(), "orrery-moon-"));
chmodSync(folder, 0o755); // As root, PostgreSQL runs as another user, who must get in.
const agent = new Agent({ keepAlive: true });
let up: ChildProcess;
let web = "";
let env: NodeJS.ProcessEnv;
let browser: Browser;

before(async () => {
  const { NODE_TEST_CONTEXT: _, ...own } = process.env;
  const path = [dirname(process.execPath), own["PATH"]].join(delimiter);
  env = { ...own, PATH: path, HOME: folder, NODE_OPTIONS: "--conditions=source" };
  const flags = `--port=0 --http=0 --web-port=0 --data=${join(folder, "data")} --output=json`;
  const start = START.replace("orrery up", `exec orrery up ${flags}`);
  up = spawn("bash", ["-euc", start], { cwd: join(HERE, "../.."), env, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: up.stdout ?? process.stdin });
  const [line] = (await once(lines, "line")) as [string];
  const ready = JSON.parse(line) as { readonly address: string; readonly web: string };
  web = ready.web;
  env["ORRERY_SERVER"] = ready.address;
  const rules = `--host-resolver-rules=MAP moon.test 127.0.0.1:${new URL(web).port}`;
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", rules],
  });
});
after(async () => {
  await browser?.close();
  agent.destroy();
  up?.kill("SIGTERM");
  if (up?.exitCode === null) await once(up, "close");
  if (process.env["ORRERY_KEEP"] === undefined) rmSync(folder, { recursive: true, force: true });
});

/** Types lines of the README into a shell, with the port of this test's web server; gives what they print. */
async function run(lines: string): Promise<string> {
  const [, path = ""] = /^export (PATH=.*)$/m.exec(START) ?? [];
  const script = `${path}\n${lines.replaceAll("http://127.0.0.1:7780", web)}`;
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], {
    ...{ cwd: HERE, env: { ...env, TMPDIR: folder } },
  });
  return stdout;
}

/** Asks for a day over a connection that stays. */
function ask(day: string): Promise<{ status: number | undefined; text: string }> {
  const headers = { host: "moon.test", "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const asking = request(`${web}/phase`, { method: "POST", headers, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
    });
    asking.on("error", reject).end(JSON.stringify({ day }));
  });
}

/** What a visitor sees on a day. */
async function look(day: string, viewport: { readonly width: number; readonly height: number }) {
  const page = await browser.newPage({ viewport });
  const complaints: string[] = [];
  page.on("console", (message) => void complaints.push(message.text()));
  page.on("pageerror", (error) => void complaints.push(String(error)));
  await page.goto(`http://moon.test/?day=${day}`, { waitUntil: "networkidle" });
  const png = await page.screenshot();
  writeFileSync(join(folder, `${day}-${viewport.width}.png`), png);
  assert.ok(png.length > SCREENSHOT_BYTES_MIN, `${day}: ${png.length} bytes`);
  const seen = await page.evaluate(() => ({
    texts: ["name", "told", "full"].map((id) => document.getElementById(id)?.textContent),
    // How wide the light is at the middle, of 100.
    light: [...Array(100).keys()].filter((x) => {
      const light = document.getElementById("light");
      return light instanceof SVGGeometryElement && light.isPointInFill(new DOMPoint(x * 2 - 99, 0));
    }).length,
    isWide: document.documentElement.scrollWidth > innerWidth,
  }));
  await page.close();
  return { ...seen, complaints };
}

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const FULL = "2026-11-24";
const WANING = "2026-11-29";

test("the lines of the README make the app and print what it says", async () => {
  const printed = await run(MAKE);
  assert.ok(printed.endsWith(PRINTED.trim()), printed);
});

test("the app says what is wrong with a day that is none", async () => {
  const { status, text } = await ask("tomorrow");
  assert.equal(status, 400);
  assert.match(text, /Cannot find the moon of \\"tomorrow\\": it is no day, write one such as/);
});

for (const [name, viewport] of [
  ["desk", DESK],
  ["phone", PHONE],
] as const)
  test(`the page draws the moon as it is, on a ${name}, without a complaint`, async () => {
    const full = await look(FULL, viewport);
    const texts = ["Full moon", "100 % lit, 14.6 days old", ""];
    assert.deepEqual(full, { texts, light: 100, isWide: false, complaints: [] });
    const { light, texts: told, complaints } = await look(WANING, viewport);
    assert.deepEqual([told[0], complaints], ["Waning gibbous", []]);
    assert.equal(`${light} % lit`, told[1]?.split(",")[0]);
  });

test("the app is updated while it is asked, and answers every call", async () => {
  let isOver = false;
  const texts = new Set<string>();
  const one = async () => {
    while (!isOver) {
      const { status, text } = await ask(FULL);
      assert.equal(status, 200, text);
      texts.add(text);
    }
  };
  const asking = Promise.all([one(), one(), one()]);
  const printed = await run(UPDATE);
  isOver = true;
  await asking;
  const [before = ""] = PRINTED.split("\n");
  const now = `${before.slice(0, -1)},"full":"2026-11-24"}`;
  assert.ok(printed.endsWith(now), printed);
  texts.add((await ask(FULL)).text);
  assert.deepEqual([...texts], [before, now]);
  const { texts: told, complaints } = await look(WANING, DESK);
  assert.deepEqual([told[2], complaints], ["Full again on 2026-12-24", []]);
});
