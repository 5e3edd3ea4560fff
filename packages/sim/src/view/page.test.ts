import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { curveBetween, layOut, pointOf } from "./page/layout.ts";
import { labelOf, readRun } from "./page/run.ts";
import { toPage } from "./page.ts";
import { pageDataOf } from "./page-data.ts";
import type { Recording } from "./recording.ts";
import { repeatRun } from "./testing/repeat-run.ts";
import { shopRun } from "./testing/shop-run.ts";
import { wideRun } from "./testing/wide-run.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-page-"));
let browser: Browser;
before(async () => {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
  browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args });
});
after(async () => {
  await browser?.close();
  if (process.env["ORRERY_KEEP"] === undefined) rmSync(folder, { recursive: true });
});

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Errors, warnings and requests of the page. */
  readonly complaints: readonly string[];
}

/** Opens the page of a run from a file, as a reader does. */
async function open(run: Recording, { t = 0, width = 1440, height = 900, scheme = "dark" } = {}): Promise<Opened> {
  const path = join(folder, `${run.hash}.html`);
  writeFileSync(path, toPage(run));
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme as "dark" | "light" });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) complaints.push(`request ${request.url()}`);
  });
  await page.goto(`${pathToFileURL(path)}#t=${t}`);
  await page.locator(".row").first().waitFor();
  return { page, complaints, [Symbol.asyncDispose]: () => page.close() };
}

const textOf = async (page: Page, selector: string) => (await page.locator(selector).first().textContent()) ?? "";
const clockOf = async (page: Page) => Number((await textOf(page, "#clock")).replaceAll("\u2009", ""));
const picture = (page: Page) =>
  page.evaluate(() => (document.getElementById("moving") as HTMLCanvasElement).toDataURL());

/** Where a message is drawn at a time. */
async function placeOf(page: Page, run: Recording, { label, ms }: { label: string; ms: number }) {
  const read = readRun(pageDataOf(run));
  const row = Array.from(read.tick.keys()).find((one) => labelOf(read, one) === label) ?? assert.fail(label);
  const size = await page.evaluate(() => {
    const { clientWidth: width, clientHeight: height } = document.getElementById("moving") as HTMLElement;
    return { width, height };
  });
  const { spots } = layOut(read.data.nodes, size);
  const [from, to] = [spots[read.from[row] ?? -1] ?? assert.fail(), spots[read.node[row] ?? -1] ?? assert.fail()];
  const [sent, tick] = [read.sent[row] ?? 0, read.tick[row] ?? 0];
  const [x, y] = pointOf(curveBetween(from, to), (ms * 1000 - sent) / (tick - sent));
  return { x, y };
}

for (const scheme of ["dark", "light"]) {
  test(`toPage opens without a complaint and without the network, in ${scheme}`, async () => {
    const run = await shopRun();
    await using opened = await open(run, { t: 35, scheme });
    const { page, complaints } = opened;
    assert.equal(await page.title(), "two payments, seed 3 · Orrery");
    assert.match(await textOf(page, "#facts"), new RegExp(`^seed 3 · 3 nodes · 652 ms · ${run.hash}$`));
    assert.equal(await clockOf(page), 35);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(ground, scheme === "dark" ? "rgb(12, 15, 22)" : "rgb(243, 238, 227)");
    assert.ok((await picture(page)).length > 8000);
    assert.deepEqual(complaints, []);
  });
}

test("toPage shows what led to a message that is clicked, and leads on to it", async () => {
  const run = await shopRun();
  await using opened = await open(run, { t: 35 });
  const { page, complaints } = opened;
  const { x, y } = await placeOf(page, run, { label: "reply of cell.get 1", ms: 35 });
  await page.mouse.click(x, y);
  await page.locator("#details").waitFor();
  await page.getByRole("heading", { name: "reply of cell.get 1", exact: true }).waitFor();
  assert.equal(await textOf(page, "#details header p"), "store → till");
  const causes = await page.locator(".causes b").allTextContents();
  assert.deepEqual(causes, ["cell.get 1", "accepted", "dial", "till.pay 2", "accepted", "dial"]);
  assert.match(await textOf(page, "#details dl"), /sent31\.772 msarrived37\.200 ms/);
  const selected = await picture(page);
  await page.locator(".causes button").nth(3).click();
  await page.getByRole("heading", { name: "till.pay 2", exact: true }).waitFor();
  assert.ok((await clockOf(page)) < 16.287);
  assert.notEqual(await picture(page), selected);
  await page.keyboard.press("Escape");
  await page.locator("#details").waitFor({ state: "hidden" });
  assert.deepEqual(complaints, []);
});

test("toPage is used by keyboard alone", async () => {
  await using opened = await open(await shopRun(), { t: 0 });
  const { page, complaints } = opened;
  await page.keyboard.press(" ");
  await page.waitForFunction(() => Number(document.getElementById("clock")?.textContent) > 1);
  await page.keyboard.press(" ");
  await page.locator('#play[aria-label="Play"]').waitFor();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.getByRole("heading", { name: "till.pay 2", exact: true }).waitFor();
  await page.keyboard.press("c");
  await page.getByRole("heading", { name: "accepted" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("f");
  await page.waitForFunction(() => document.getElementById("clock")?.textContent === "456.000");
  assert.match(await textOf(page, "#conditions"), /cut (store ⇄ visitor|visitor ⇄ store)/);
  await page.keyboard.press("Shift+F");
  const rate = await textOf(page, "#rate");
  await page.keyboard.press("+");
  await page.waitForFunction((old) => document.getElementById("rate")?.textContent !== old, rate);
  await page.keyboard.press("/");
  await page.keyboard.type("dropped");
  await page.waitForFunction(() => document.getElementById("count")?.textContent?.startsWith("1 of"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.locator("#help").waitFor();
  assert.deepEqual(complaints, []);
});

test("toPage shows nodes that are down and links that are cut", async () => {
  const run = await wideRun();
  const told = async (t: number) => {
    await using opened = await open(run, { t });
    return (await opened.page.locator("#conditions li").allTextContents()).sort();
  };
  assert.deepEqual(await told(100), []);
  assert.deepEqual(await told(470), ["ledger is down", "orders-a is slow"]);
  assert.deepEqual(await told(650), ["orders-b is paused"]);
  assert.deepEqual(
    (await told(200)).map((one) => one.split(" ")[0]),
    ["cut", "cut"],
  );
});

test("toPage limits what is shown to a node and a flow", async () => {
  const run = await wideRun();
  await using opened = await open(run, { t: 60 });
  const { page } = opened;
  const count = async () => Number((await textOf(page, "#count")).split(" ")[0]);
  const all = await count();
  const { width, height } = (await page.locator("#moving").boundingBox()) ?? assert.fail();
  const spot = layOut(run.nodes, { width, height }).spots[0] ?? assert.fail();
  await page.mouse.click(spot.x, spot.y);
  await page.locator("#chips .chip").waitFor();
  assert.equal(await textOf(page, "#chips"), "ledger ×");
  const ofNode = await count();
  assert.ok(ofNode < all && ofNode > 10);
  await page.locator(".row .flow").filter({ hasText: "order-" }).first().click();
  await page.locator("#details .chip").click();
  await page.getByText(/^flow order-.* ×$/).waitFor();
  assert.ok((await count()) < ofNode);
  for (const chip of await page.locator("#chips .chip").all())
    await chip.page().locator("#chips .chip").first().click();
  await page.waitForFunction(
    (wanted) => document.getElementById("count")?.textContent?.startsWith(`${wanted} of`),
    all,
  );
});

test("toPage is scrubbed by its line of time", async () => {
  await using opened = await open(await shopRun());
  const { page } = opened;
  const { x, y, width, height } = (await page.locator("#time-line").boundingBox()) ?? assert.fail();
  await page.mouse.move(x + width * 0.25, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.5, y + height / 2, { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction(() => Number(document.getElementById("clock")?.textContent) > 300);
  assert.ok(Math.abs((await clockOf(page)) - 326) < 3);
  const later = await page.locator(".row.later").count();
  assert.ok(later > 0 && later < (await page.locator(".row:visible").count()));
});

test("toPage fits a telephone", async () => {
  const run = await shopRun();
  await using opened = await open(run, { t: 35, width: 390, height: 844 });
  const { page, complaints } = opened;
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(wide, 390);
  for (const id of ["plane", "play", "clock", "time-line", "search", "list"]) {
    const box = (await page.locator(`#${id}`).boundingBox()) ?? assert.fail(id);
    assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y + box.height <= 845 && box.height > 20, id);
  }
  const { x, y } = await placeOf(page, run, { label: "reply of cell.get 2", ms: 35 });
  await page.mouse.click(x, y);
  await page.getByRole("heading", { name: /^reply of cell\.get/ }).waitFor();
  await page.locator("#details .close").click();
  await page.locator(".row").nth(1).click();
  await page.getByRole("heading", { name: "till.pay 3", exact: true }).waitFor();
  assert.deepEqual(complaints, []);
});

test("toPage keeps what a name could break out of its script", async () => {
  const run = await shopRun();
  const scenario = "</script><script>document.title='broken'</script>&amp;";
  await using opened = await open({ ...run, scenario, hash: "0000000000000001" }, { t: 35 });
  assert.equal(await textOf(opened.page, "#scenario"), scenario);
  assert.equal(await opened.page.title(), `${scenario}, seed 3 · Orrery`);
});

test("toPage opens 100,000 events, and is scrubbed through them", async (t) => {
  const run = repeatRun(await wideRun(), 130);
  await using opened = await open(run, { t: 1000 });
  const { page, complaints } = opened;
  const rows = Number(/of ([\d,]+)/.exec(await textOf(page, "#count"))?.[1]?.replaceAll(",", ""));
  assert.ok(rows >= 100_000, `${rows} rows`);
  await page.locator("body[data-drawn-ms]").waitFor();
  const loadMs = Number(await page.locator("body").getAttribute("data-drawn-ms"));
  const frameMs = await page.evaluate(async () => {
    const canvas = document.getElementById("time-line") as HTMLCanvasElement;
    const { left, width, top } = canvas.getBoundingClientRect();
    const at = (type: string, share: number) =>
      canvas.dispatchEvent(
        new PointerEvent(type, { clientX: left + width * share, clientY: top + 20, pointerId: 1, bubbles: true }),
      );
    canvas.setPointerCapture = () => undefined;
    at("pointerdown", 0.1);
    const times: number[] = [];
    for (let frame = 0; frame < 90; frame++) {
      at("pointermove", 0.1 + 0.008 * frame);
      times.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)));
    }
    at("pointerup", 0.9);
    return ((times.at(-1) ?? 0) - (times[0] ?? 0)) / (times.length - 1);
  });
  t.diagnostic(
    `${rows} rows: drawn ${Math.round(loadMs)} ms after the page was asked for, ${(1000 / frameMs).toFixed(0)} frames/s while scrubbed`,
  );
  assert.ok(loadMs > 0 && frameMs > 0);
  assert.ok((await clockOf(page)) > 10_000);
  assert.deepEqual(complaints, []);
});
