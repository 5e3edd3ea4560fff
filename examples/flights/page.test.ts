import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { coloursOf, gatherComplaints, startBrowser } from "./testing/browser.ts";
import { type RunningExample, runExample } from "./testing/run-example.ts";

/** A blank page has a few colours; the map has antialiased lines, dots and text over a gradient. */
const COLOURS_MIN = 1000;

const folder = mkdtempSync(join(tmpdir(), "orrery-flights-"));
chmodSync(folder, 0o755); // As root, PostgreSQL runs as another user, who must get in.
let example: RunningExample;
let browser: Browser;
before(async () => {
  example = await runExample({ script: "start.ts", port: 0, folder });
  browser = await startBrowser();
});
after(async () => {
  await Promise.all([browser?.close(), example?.stop()]);
  if (process.env["ORRERY_KEEP"] === undefined) rmSync(folder, { recursive: true });
});

/** Opens the page and waits until aircraft are on it. */
async function openPage(): Promise<{ page: Page; complaints: readonly string[] }> {
  const page = await browser.newPage({ viewport: { width: 1360, height: 800 } });
  const complaints = gatherComplaints(page, example.address);
  await page.goto(example.address);
  await page.waitForFunction(() => Number(document.getElementById("count")?.textContent) > 100);
  return { page, complaints };
}

/** What is drawn on the canvas of the aircraft. */
function trafficOf(page: Page): Promise<string> {
  return page.evaluate(() => (document.getElementById("traffic") as HTMLCanvasElement).toDataURL());
}

async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).textContent()) ?? "";
}

/** Types words into a field and takes the first airport that it offers. */
async function choose(page: Page, field: "origin" | "destination", words: string): Promise<void> {
  await page.locator(`#${field}`).pressSequentially(words);
  await page.locator(`#${field}-list .option`).first().waitFor();
}

test("the page plans a trip from what is typed and clicked, without a complaint", async () => {
  const { page, complaints } = await openPage();
  await choose(page, "origin", "seattle");
  await page.keyboard.press("Enter");
  await choose(page, "destination", "key west");
  await page.locator("#destination-list .option").first().click();
  await page.locator(".plan").click();
  await page.locator(".legs li").first().waitFor();
  const stops = await page.locator(".legs .code").allTextContents();
  assert.deepEqual([stops[0], stops.at(-1)], ["SEA", "EYW"]);
  assert.ok(stops.length >= 3);
  assert.match(await textOf(page, ".sum"), /4,\d{3} km\d flights, \d+ h \d+ min/);
  const png = await page.screenshot();
  writeFileSync(join(folder, "trip.png"), png);
  const colours = await coloursOf(browser, png);
  assert.ok(colours > COLOURS_MIN, `${colours} colours`);
  assert.deepEqual(complaints, []);
  await page.close();
});

test("the page moves its aircraft", async () => {
  const { page } = await openPage();
  const before = await trafficOf(page);
  await page.waitForFunction(
    (old) => (document.getElementById("traffic") as HTMLCanvasElement).toDataURL() !== old,
    before,
  );
  const clock = await textOf(page, "#clock");
  await page.waitForFunction((old) => document.getElementById("clock")?.textContent !== old, clock);
  await page.close();
});

test("the page is used by keyboard alone", async () => {
  const { page } = await openPage();
  await page.keyboard.press("Tab");
  await choose(page, "origin", "miami");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await choose(page, "destination", "portland");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.locator(".legs li").first().waitFor();
  const stops = await page.locator(".legs .code").allTextContents();
  assert.deepEqual([stops[0], stops.at(-1)], ["MIA", "PWM"]);
  await page.close();
});

test("the page shows the planner's own words when there is no trip", async () => {
  const { page } = await openPage();
  await page.locator("#origin").fill("QQQ");
  await page.locator("#destination").fill("MIA");
  await page.locator(".plan").click();
  await page.locator("#problem").waitFor();
  assert.match(await textOf(page, "#problem"), /^Cannot find airport "QQQ": no airport has that code/);
  await page.close();
});

test("the page closes an airport, and marks it as closed", async () => {
  const { page } = await openPage();
  await choose(page, "origin", "BOI");
  await page.keyboard.press("Enter");
  await choose(page, "destination", "SEA");
  await page.keyboard.press("Enter");
  await page.locator(".plan").click();
  await page.locator(".stop").first().click();
  await page.getByText("Close for a minute").click();
  await page.waitForFunction(() => document.getElementById("traffic")?.dataset["closed"] === "BOI");
  await page.locator(".plan").click();
  await page.locator("#problem").waitFor();
  assert.match(await textOf(page, "#problem"), /"BOI": it is closed \(closed from the map\), it opens in/);
  await page.close();
});

test("start tells three commands, and each of them works", async () => {
  const [trip = "", status = "", found = ""] = await example.try();
  assert.match(trip, /"iata":"EYW"/);
  assert.match(status, /^Ready\n.*flights\.v1\.PlannerService +2 of 2.*service flights\.v1\.FeedService\/\{method\}/s);
  assert.match(found, /"iata":"PDX"/);
});

test("start goes on with what it had, and sends nothing that is there", async () => {
  assert.equal(await example.stop(), 0);
  example = await runExample({ script: "start.ts", port: 0, folder });
  assert.match(example.told(), /flights\.localhost:flights is so already|flights is running/);
  const { page, complaints } = await openPage();
  assert.deepEqual(complaints, []);
  await page.close();
});
