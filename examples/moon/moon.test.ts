import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { blocksOf, type ReadmePlatform, startReadmePlatform } from "@orrery/tests/readme-platform";

const HERE = import.meta.dirname;
const README = readFileSync(join(HERE, "README.md"), "utf8");
const [START = "", MAKE = "", UPDATE = ""] = blocksOf(README, "sh");
const [PRINTED = ""] = blocksOf(README, "text");
/** A blank page is far smaller. */
const SCREENSHOT_BYTES_MIN = 25_000;

const agent = new Agent({ keepAlive: true });
let platform: ReadmePlatform;
before(async () => {
  platform = await startReadmePlatform({ cwd: HERE, start: START, host: "moon.test" });
});
after(async () => {
  agent.destroy();
  await platform?.close();
});

/** Asks for a day over a connection that stays. */
function ask(day: string): Promise<{ status: number | undefined; text: string }> {
  const headers = { host: "moon.test", "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const asking = request(`${platform.web}/phase`, { method: "POST", headers, agent }, (response) => {
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
  const page = await platform.browser.newPage({ viewport });
  const complaints: string[] = [];
  page.on("console", (message) => void complaints.push(message.text()));
  page.on("pageerror", (error) => void complaints.push(String(error)));
  await page.goto(`http://moon.test/?day=${day}`, { waitUntil: "networkidle" });
  const png = await page.screenshot();
  writeFileSync(join(platform.folder, `${day}-${viewport.width}.png`), png);
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
  const printed = await platform.run(MAKE);
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
  const printed = await platform.run(UPDATE);
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
