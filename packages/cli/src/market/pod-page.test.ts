import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { openTestMarket, type TestMarket } from "../testing/market.ts";
import type { Typed } from "../testing/memory-terminal.ts";
import { PROGRAM } from "../testing/pods.ts";

const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
const COMPOSE = `services:
  web:
    image: registry.test/web:1
    ports: ["8080:80"]
    privileged: true
`;
/** What would be a script, where it was read as HTML. */
const HTMLISH = "<b>hi</b>";

describe("the page of a publisher", { timeout: 100_000 }, () => {
  let market: TestMarket;
  let browser: Browser;
  let page: Page;
  let url: URL;
  let ended: Promise<Typed>;
  let interrupt = () => {};
  const complaints: string[] = [];
  const seen: Promise<string>[] = [];

  before(async () => {
    market = await openTestMarket(1);
    market.write("hello/server.js", PROGRAM);
    const served = Promise.withResolvers<string>();
    ended = market.orrery("pod page --output=json", {
      onListening: (end) => {
        interrupt = end;
      },
      onWrite: (text) => served.resolve(text),
    });
    url = new URL(
      (JSON.parse(await Promise.race([served.promise, ended.then(({ err }) => err)])) as { url: string }).url,
    );
    browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ARGS });
    page = await browser.newPage({ viewport: { width: 1_100, height: 900 } });
    page.setDefaultTimeout(20_000);
    page.on(
      "console",
      (message) =>
        message.type() === "error" && !/status of 4\d\d/.test(message.text()) && complaints.push(message.text()),
    );
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("response", (answer) => {
      if (!answer.url().endsWith("/log") && answer.status() === 200) seen.push(answer.text().catch(() => ""));
    });
  });
  after(async () => {
    await browser?.close();
    interrupt();
    await ended;
    await market?.[Symbol.asyncDispose]();
  });

  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const said = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const picture = async (name: string) => {
    const folder = process.env["ORRERY_PICTURES"];
    if (folder !== undefined) await page.screenshot({ path: join(folder, `pod-page-${name}.png`), fullPage: true });
  };

  /** Asks the page as a program does. */
  async function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
    const asked = request({ port: url.port, host: "127.0.0.1", method, path, headers, agent: false }).end();
    return await new Promise((done, failed) => {
      asked.on("response", (answer) => done(answer.resume().statusCode)).on("error", failed);
    });
  }

  it("shows nothing to strangers, and takes nothing from other pages", async () => {
    const { origin } = url;
    const asked: readonly (readonly [number, string, string, Record<string, string>?])[] = [
      [401, "GET", "/live"],
      [401, "GET", "/files"],
      [401, "GET", `/pods/0x${"0".repeat(64)}`],
      [401, "POST", "/check", { origin }],
      [403, "POST", "/files/new"],
      [403, "POST", "/files/new", { origin: "http://evil.test" }],
      [403, "POST", "/login", { origin }],
      [421, "GET", "/live", { host: "rebound.evil.test" }],
    ];
    for (const [status, method, path, headers] of asked)
      assert.equal(await ask(method, path, headers), status, `${method} ${path}`);
    const first = await (await fetch(origin)).text();
    assert.match(first, /name="token"/);
    assert.doesNotMatch(first, /0x[0-9a-f]{8}/);
  });

  it("logs in by its link, says what comes next, and writes a pod file of a form", async () => {
    await page.goto(url.href);
    await said("You have no pods");
    assert.equal(page.url(), `${url.origin}/`);
    await page.getByRole("link", { name: "Write a pod file, or import one" }).click();
    await page.getByLabel("Image:").fill("./UPPER");
    await page.getByLabel("Memory").fill("lots");
    await press("Write it");
    await said(/is "lots": write a size such as 256MiB/);
    await page.getByLabel("Image:").fill("./hello");
    await page.getByLabel("Memory").fill("64MiB");
    await press("Write it");
    await said('pod.yaml is valid: pod "hello", one copy');
    const written = readFileSync(join(market.cwd, "pod.yaml"), "utf8");
    assert.match(written, /port: 8080\n +host: hello\.test/);
    assert.equal(await page.locator("textarea").inputValue(), written);
  });

  it("tells a typo beside its line, with column and what was meant, while somebody types", async () => {
    const text = page.locator("textarea");
    const good = await text.inputValue();
    await text.fill(`# </textarea><script>throw 1</script>\n${good.replace("image:", "imgae:")}`);
    await page.locator(".marks .bad", { hasText: "6" }).getByText('did you mean "image"?').waitFor();
    await page.getByRole("link", { name: "Line 6, column 5" }).first().click();
    assert.match(await text.evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart)), /^imgae:/);
    await picture("typo");
    await press("Save, and ask for a price");
    await said("No price was asked for");
    assert.match(readFileSync(join(market.cwd, "pod.yaml"), "utf8"), /imgae/);
    market.write("pod.yaml", `# changed elsewhere\n${good}`);
    await press("Save");
    await said("it was changed by somebody else since you opened it");
    await page.goto(`${url.origin}/files/pod.yaml`);
    await said("pod.yaml is valid");
  });

  it("makes a pod file of a compose file, and tells what it left out", async () => {
    await page.getByRole("link", { name: "Pod files" }).click();
    const buffer = Buffer.from(COMPOSE);
    await page.getByLabel("Compose file").setInputFiles({ name: "compose.yaml", mimeType: "text/yaml", buffer });
    await page.locator('form[action="/files/import"] input[name="name"]').fill("shop");
    await press("Import");
    await said('shop.yaml is valid: pod "shop"');
    assert.match(
      await page.locator("textarea").inputValue(),
      /^# compose\.yaml:5: "services\.web\.privileged" is left out$/m,
    );
    await page.getByRole("link", { name: "Pod files" }).click();
    await page.locator('form[action="/files/import"] textarea').fill("name: none");
    await press("Import");
    await said("is it a compose file?");
  });

  it("shows a price and who learns what, with nothing sent or paid, and deploys by it", async () => {
    await page.goto(`${url.origin}/files/pod.yaml`);
    await press("Save, and ask for a price");
    await said("Quote and evidence are good. Nothing was sent or paid.");
    const quote = await page.locator("main").textContent();
    for (const part of [
      /An hour\s*[\d.]+ COIN/,
      /cpu\s*100 .*COIN a unit and second\s*[\d.]+ COIN/,
      /hosts hello\.test/,
      /The pod alone/,
    ])
      assert.match(quote ?? "", part);
    assert.deepEqual(await market.json("lease ls"), []);
    await picture("price");
    await page.getByLabel("Deposit in").fill("5");
    await press("Pay it and deploy");
    await said("hello is running, healthy.");
    assert.deepEqual(await market.ask("hello.test"), { status: 200, body: "hello" });
    const [lease] = await market.json<readonly { pod: string; deposit: string }[]>("lease ls");
    assert.deepEqual([lease?.pod, lease?.deposit], ["hello", "5000000"]);
  });

  it("shows how it stands, lines as they come, and charts", async () => {
    await page.locator(".log").getByText("GET /", { exact: false }).first().waitFor();
    await market.ask("hello.test", { path: "/live-line" });
    await page.locator(".log").getByText("GET /live-line").waitFor();
    await said(/days, until \d{4}-/);
    await picture("pod");
    await page.getByRole("link", { name: "Pods", exact: true }).click();
    const card = page.locator("article", { hasText: "hello" });
    for (const part of ["healthy", "1 of 1 run", "http://hello.test", "COIN an hour", "5 COIN"])
      await card.getByText(part).first().waitFor();
    await picture("list");
    await card.getByRole("link", { name: "hello", exact: true }).click();
  });

  it("changes it by a plan that is shown first, and puts money in", async () => {
    const before = readFileSync(join(market.cwd, "pod.yaml"), "utf8");
    market.write("pod.yaml", before.replace("cpu:", `env: { GREETING: "${HTMLISH}" }\n    cpu:`));
    await page.getByLabel("Pod file").selectOption("pod.yaml");
    await press("Show what would change");
    await said("Nothing was changed yet");
    await page.getByRole("cell", { name: HTMLISH }).waitFor();
    await page.getByRole("cell", { name: "restart", exact: true }).waitFor();
    assert.equal(await page.locator("td b").count(), 0);
    await press("Change it");
    await said("Changed: hello is running, healthy.");
    assert.equal((await market.ask("hello.test")).body, HTMLISH);
    await page.getByLabel("COIN").fill("0.5");
    await press("Put in");
    await said("Put 0.5 COIN in.");
    await said("5.5 COIN");
    await page.locator("figure svg").first().waitFor();
  });

  it("asks before it deletes, and gives the rest of the money back", async () => {
    await page.getByRole("link", { name: "Delete…" }).click();
    await said("The provider ends the pod at once");
    assert.equal((await market.ask("hello.test")).status, 200);
    await press("Delete");
    await said("Notice was given");
    assert.equal((await market.ask("hello.test")).status, 404);
    await market.done("dev clock +240");
    await page.getByRole("link", { name: "Pods", exact: true }).click();
    await press("Bring it to the wallet");
    await said(/^[\d.]+ COIN came to the wallet/);
    await page.getByText("1 that are over").click();
    await page.getByRole("link", { name: "hello" }).click();
    await said("It is over.");
  });

  it("works without scripts, by the token alone", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(url.href);
    await plain.getByLabel("Token").fill(url.hash.slice(1));
    await plain.getByRole("button", { name: "Log in" }).click();
    await plain.goto(`${url.origin}/files/pod.yaml`);
    await plain.locator("textarea").fill("name: hello\ncontainer: {}\n");
    await plain.getByRole("button", { name: "Check" }).click();
    await plain.getByText('did you mean "containers"?').first().waitFor();
    await plain.goto(`${url.origin}/files/pod.yaml`);
    await plain.getByRole("button", { name: "Save, and ask for a price" }).click();
    await plain.getByText("Nothing was sent or paid").waitFor();
    await context.close();
  });

  it("has shown neither key nor password, and complained of nothing", async () => {
    const { wallet } = market.bench.market;
    const folder = join(market.cwd, ".orrery/dev");
    const texts = (await Promise.all(seen)).join("\n");
    const password = readFileSync(resolve(folder, wallet?.passwordFile ?? ""), "utf8").trim();
    const { crypto } = JSON.parse(readFileSync(resolve(folder, wallet?.keystore ?? ""), "utf8")) as {
      readonly crypto: { readonly ciphertext: string };
    };
    assert.ok(password.length > 8 && texts.length > 10_000);
    assert.ok(!texts.includes(password) && !texts.includes(crypto.ciphertext));
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").waitFor();
    assert.deepEqual(complaints, []);
  });
});
