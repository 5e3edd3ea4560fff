import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { chromium } from "playwright-core";
import { openTestUp, type TestUp } from "../testing/up.ts";

interface Taken {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe("orrery alert", () => {
  let up: TestUp;
  let sink: Server;
  let hook: string;
  const taken: Taken[] = [];
  const waiting = new Set<() => void>();
  const untilTaken = async (kind: string, type: string): Promise<Taken> => {
    for (;;) {
      const found = taken.find(({ body }) => body.includes(`"${type}"`) && body.includes(`"kind":"${kind}"`));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => void waiting.add(resolve));
    }
  };
  before(async () => {
    // Nobody listens at port 1: no letter is taken.
    up = await openTestUp({ billing: { mailFrom: "orrery@localhost", mail: "smtp://127.0.0.1:1" } });
    sink = createServer(async (request, response) => {
      let body = "";
      for await (const piece of request) body += String(piece);
      taken.push({ headers: request.headers, body });
      response.statusCode = request.url === "/broken" ? 500 : 200;
      response.end();
      for (const wake of waiting) wake();
      waiting.clear();
    }).listen(0, "127.0.0.1");
    await once(sink, "listening");
    hook = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
  });
  after(async () => {
    sink?.close();
    await up?.[Symbol.asyncDispose]();
  });

  it("adds, tests, lists and removes sinks, for operators alone", async () => {
    await up.done(`alert add broken ${hook}/broken --kind=disk`);
    const failed = await up.orrery("alert test broken");
    assert.deepEqual([failed.exit, /it answered 500/.test(failed.err)], [1, true], failed.err);
    assert.match(await up.done("alert ls"), /^broken +disk +0 +0 +0 /m);
    await up.done("alert rm broken");
    assert.match((await up.orrery("alert ls")).err, /Nobody is alerted/);
    for (const line of ["alert ls", `alert add mine ${hook}`, "alert rm a", "alert test a"])
      assert.equal((await up.orrery(`${line} --agent=eve`)).exit, 3, line);
    assert.equal((await up.orrery(`alert add pager ${hook} --kind=rain`)).exit, 2);
  });

  it("alerts when letters are not taken, signed by the secret that was told, and shows it to everybody at /status", async () => {
    const secret = (await up.done(`alert add pager ${hook}`)).trim();
    await up.done("alert test pager");
    assert.equal((await up.orrery("invite zoe@example.com --own")).exit === 0, false);
    const { headers, body } = await untilTaken("mail", "alert.raised");
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    assert.equal(headers["webhook-signature"], `v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
    assert.match(await up.done("alert ls"), /^mail since \S+: Letters are not taken: /m);
    const status = (await (await fetch(`${up.http}/status`)).json()) as {
      ok: boolean;
      parts: { name: string; ok: boolean }[];
    };
    assert.deepEqual([status.ok, status.parts.filter(({ ok }) => !ok).map(({ name }) => name)], [false, ["Mail"]]);
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 700 } });
      const complaints: string[] = [];
      page.on("console", (message) => void complaints.push(message.text()));
      await page.goto(`${up.http}/status`);
      const seen = await page.evaluate(() => ({
        title: document.querySelector("h1")?.textContent,
        bad: [...document.querySelectorAll("tr:has(.bad) td:first-child")].map(({ textContent }) => textContent),
        isWide: document.documentElement.scrollWidth > innerWidth,
        text: document.body.textContent ?? "",
      }));
      assert.deepEqual([seen.title, seen.bad, seen.isWide, complaints], ["Something is wrong", ["Mail"], false, []]);
      assert.doesNotMatch(seen.text, /zoe|127\.0\.0\.1/);
      await page.screenshot({ path: `${up.cwd}/status.png` });
    } finally {
      await browser.close();
    }
  });

  it("alerts when a look from outside failed, until one goes well", async () => {
    const said = await up.orrery("admin e2e --plan=none --report --http=HTTP --mailbox=.".replace("HTTP", up.http));
    assert.equal(said.exit, 1);
    await untilTaken("e2e", "alert.raised");
    await up.done(`call AdminService ReportCheck '{"ok":true}'`);
    await untilTaken("e2e", "alert.over");
  });
});
