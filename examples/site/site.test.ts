import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { blocksOf, type ReadmePlatform, startReadmePlatform } from "@orrery/tests/readme-platform";
import type { Page } from "playwright-core";

const HERE = import.meta.dirname;
const README = readFileSync(join(HERE, "README.md"), "utf8");
const [START = "", MAKE = "", MOVE = ""] = blocksOf(README, "sh");
const [PRINTED = ""] = blocksOf(README, "text");
/** A blank page is far smaller. */
const SCREENSHOT_BYTES_MIN = 40_000;

let platform: ReadmePlatform;
before(async () => {
  platform = await startReadmePlatform({ cwd: HERE, start: START, host: "orrery.test" });
});
after(() => platform?.close());

/** Opens a page, and gathers what it complains of. */
async function openPage(
  path: string,
  viewport: { readonly width: number; readonly height: number },
): Promise<{ page: Page; complaints: readonly string[] }> {
  const page = await platform.browser.newPage({ viewport, acceptDownloads: true });
  const complaints: string[] = [];
  page.on("console", (message) => void complaints.push(message.text()));
  page.on("pageerror", (error) => void complaints.push(String(error)));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(`http://orrery.test${path}`, { waitUntil: "networkidle" });
  return { page, complaints };
}

/** What a visitor sees of a page. */
async function look(page: Page, name: string) {
  const png = await page.screenshot();
  writeFileSync(join(platform.folder, `${name}.png`), png);
  assert.ok(png.length > SCREENSHOT_BYTES_MIN, `${name}: ${png.length} bytes`);
  return page.evaluate(() => ({
    heading: document.querySelector("h1")?.textContent.replace(/\s+/g, " ").trim(),
    version: document.getElementById("version")?.textContent,
    cards: document.querySelectorAll(".cards li").length,
    isWide: document.documentElement.scrollWidth > innerWidth,
    isDark: getComputedStyle(document.documentElement).backgroundColor === "rgb(11, 16, 36)",
    outside: [...document.querySelectorAll("h1, h2, h3, p, dd, a, svg")].filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return left < 0 || right > innerWidth;
    }).length,
  }));
}

const OLD = {
  heading: "Six planets on your desk",
  version: "1.0.0",
  cards: 6,
  isDark: false,
  isWide: false,
  outside: 0,
};
const NEW = {
  heading: "Eight planets on your desk",
  version: "1.1.0",
  cards: 8,
  isDark: true,
  isWide: false,
  outside: 0,
};
const DESK = { width: 1360, height: 860 };
const PHONE = { width: 390, height: 844 };

test("the lines of the README make the site and print what it says", async () => {
  const printed = await platform.run(MAKE);
  assert.ok(printed.endsWith(PRINTED), printed);
});

for (const [name, viewport] of [
  ["desk", DESK],
  ["phone", PHONE],
] as const)
  test(`the site shows its old version on a ${name}, and the next one beside it, without a complaint`, async () => {
    const { page, complaints } = await openPage("/", viewport);
    assert.deepEqual(await look(page, `old-${name}`), OLD);
    const arm = page.locator(".turn.earth");
    const before = await arm.evaluate((one) => getComputedStyle(one).transform);
    await page.waitForFunction((old) => {
      const one = document.querySelector(".turn.earth");
      return one !== null && getComputedStyle(one).transform !== old;
    }, before);
    assert.deepEqual(complaints, []);
    await page.close();
    const next = await openPage("/next/", viewport);
    assert.deepEqual(await look(next.page, `next-${name}`), NEW);
    assert.deepEqual(next.complaints, []);
    await next.page.close();
  });

test("the site gives its downloads, whole", async () => {
  const { page, complaints } = await openPage("/", DESK);
  for (const name of ["poster.svg", "planets.csv", "notes.txt"]) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator(`#downloads a[href$="${name}"]`).click(),
    ]);
    assert.equal(download.suggestedFilename(), name);
    assert.deepEqual(readFileSync(await download.path()), readFileSync(join(HERE, "downloads", name)));
  }
  await page.goto("http://orrery.test/poster");
  assert.equal(new URL(page.url()).pathname, "/downloads/poster.svg");
  assert.deepEqual(complaints, []);
  await page.close();
});

test("the site is the other version once its tag has moved, to a browser that has seen the first", async () => {
  const { page, complaints } = await openPage("/", DESK);
  assert.deepEqual(await look(page, "before"), OLD);
  const printed = await platform.run(MOVE);
  assert.match(printed, /<title>The orrery of 1846<\/title>/);
  await page.reload({ waitUntil: "networkidle" });
  assert.deepEqual(await look(page, "after"), NEW);
  assert.deepEqual(complaints, []);
  await page.close();
});

test("both versions keep one copy of what they share", async () => {
  const style = (await platform.run("orrery get 'orrery.test:site:1.0.0:/html/style.css{ content }'")).trim();
  assert.notEqual(style, "");
  assert.equal((await platform.run("orrery get 'orrery.test:site:1.1.0:/html/style.css{ content }'")).trim(), style);
});
