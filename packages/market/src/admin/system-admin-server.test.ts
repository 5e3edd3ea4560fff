import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { createSystemClock } from "@orrery/core";
import { chromium } from "playwright-core";
import type { Overview } from "./overview.ts";
import { openAdminServer } from "./system-admin-server.ts";
import { openAuditFile } from "./system-audit-file.ts";

const LEASE = `0x${"1f".repeat(32)}` as const;
const folder = mkdtempSync(join(tmpdir(), "orrery-admin-"));
const auditPath = join(folder, "audit.jsonl");
let closed = "";
const done: string[] = [];
const overview = (): Overview => ({
  account: `0x${"ab".repeat(20)}`,
  ...{ runtime: "process", evidence: "none", gateway: "http://127.0.0.1:8080" },
  ...{ intake: closed === "" ? "open" : "paused", closed },
  capacity: [
    { resource: "cpu", unit: "thousandth of a core", total: 4_000n, free: 1_000n },
    { resource: "memory", unit: "MiB", total: 8_192n, free: 8_192n },
  ],
  pods: [
    {
      ...{
        publisher: `0x${"cd".repeat(20)}`,
        lease: LEASE,
        name: "<b>shop</b>",
        state: "warned",
        why: "funds end soon",
      },
      ...{ stage: "Active", copies: 2, owed: 1_500_000n, paid: 20_000_000n, fundsUntil: 4_102_444_800 },
      ...{ endsAt: 0, settlesAt: 0 },
    },
  ],
  stake: {
    free: 900_000_000n,
    locked: 100_000_000n,
    unbonding: 25_000_000n,
    unbondedAt: 1_800_000_000,
    balance: 3_000_000n,
  },
  earnings: { paid: 20_000_000n, owed: 1_500_000n },
  token: { symbol: "TEST", decimals: 6 },
  alerts: [{ atMs: 1_800_000_000_000, text: "a copy of shop ended for want of memory" }],
});
const server = await openAdminServer({
  desk: {
    overview: async () => overview(),
    pause: async () => {
      closed = "paused by its operator";
    },
    resume: async () => {
      closed = "";
    },
    drain: async () => {
      done.push("drain");
      throw new Error("the chain is not reached");
    },
  },
  audit: await openAuditFile(auditPath),
  clock: createSystemClock(),
  port: 0,
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
const { origin, port, hash } = new URL(server.loginUrl);

async function ask(method: string, path: string, { body = "", ...headers }: Record<string, string> = {}) {
  const asked = request({ port, host: "127.0.0.1", method, path, headers, agent: false }).end(body);
  const { promise, resolve, reject } = Promise.withResolvers<import("node:http").IncomingMessage>();
  asked.on("response", resolve).on("error", reject);
  const answer = await promise;
  return { status: answer.statusCode, body: await text(answer), cookie: answer.headers["set-cookie"]?.[0] };
}

async function login(): Promise<string> {
  const { cookie } = await ask("POST", "/login", { origin, body: `token=${hash.slice(1)}` });
  assert.match(cookie ?? "", new RegExp(`^orrery-admin-${port}=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=/$`));
  return cookie?.split(";")[0] ?? "";
}

test("openAdminServer shows nothing to who is not logged in, and takes nothing from other pages", async () => {
  const first = await ask("GET", "/");
  assert.match(first.body, /Token: what stands/);
  assert.doesNotMatch(first.body, /shop|0xabab/);
  assert.equal((await ask("GET", "/live")).status, 401);
  const cookie = await login();
  assert.equal((await ask("GET", "/live", { cookie })).status, 200);
  const refused = [
    ask("POST", "/login", { origin: "http://evil.test", body: `token=${hash.slice(1)}` }),
    ask("POST", "/act", { cookie, body: "act=pause" }),
    ask("POST", "/act", { cookie, origin: "http://evil.test", body: "act=pause" }),
    ask("POST", "/login", { origin, body: "token=guess" }),
  ];
  assert.deepEqual(
    (await Promise.all(refused)).map(({ status }) => status),
    [403, 403, 403, 403],
  );
  assert.equal((await ask("GET", "/live", { cookie, host: "rebound.evil.test" })).status, 421);
  assert.equal((await ask("POST", "/act", { cookie, origin, body: "act=constructor" })).status, 400);
  assert.equal(closed, "");
  assert.equal((await ask("POST", "/act", { cookie, origin, body: `act=${"x".repeat(5_000)}` })).status, 413);
  await ask("POST", "/logout", { cookie, origin });
  assert.equal((await ask("GET", "/live", { cookie })).status, 401);
});

test("openAdminServer reads nothing that is a pod's own, and writes down who tried", async () => {
  const cookie = await login();
  for (const what of ["secrets", "env", "volumes", "logs"]) {
    const { status, body } = await ask("GET", `/pods/${LEASE}/${what}/any`, { cookie });
    assert.deepEqual([status, body], [403, `Cannot read ${what} of a pod: they are its publisher's alone\n`]);
  }
  assert.equal((await ask("GET", `/pods/${LEASE}/secrets`)).status, 401);
  const acts = readFileSync(auditPath, "utf8")
    .split("\n")
    .filter((line) => line.includes(`read secrets of ${LEASE}`));
  assert.equal(acts.length, 1);
  assert.match(acts[0] ?? "", /"who":"operator".*"outcome":"refused"/);
  assert.equal(statSync(auditPath).mode & 0o777, 0o600);
});

test("openAdminServer looks at no more tokens once too many were wrong, for a minute", async () => {
  const own = await openAdminServer({
    desk: {
      overview: async () => overview(),
      pause: async () => undefined,
      resume: async () => undefined,
      drain: async () => undefined,
    },
    audit: await openAuditFile(join(folder, "other.jsonl")),
    clock: { now: () => 0, monotonic: () => nowMs },
    port: 0,
  });
  let nowMs = 0;
  const at = new URL(own.loginUrl);
  const guess = async (token: string) => {
    const body = new URLSearchParams({ token });
    const headers = { origin: at.origin };
    return (await fetch(`${at.origin}/login`, { method: "POST", body, headers, redirect: "manual" })).status;
  };
  for (let n = 0; n < 10; n++) assert.equal(await guess("wrong"), 403);
  assert.equal(await guess(at.hash.slice(1)), 403);
  nowMs = 61_000;
  assert.equal(await guess(at.hash.slice(1)), 303);
  await own.close();
});

test("openAuditFile goes on where it ended, and leaves out what a crash cut short", async () => {
  const path = join(folder, "cut.jsonl");
  const act = { atMs: 1, who: "operator", what: "pause", outcome: "done" } as const;
  writeFileSync(path, `${JSON.stringify(act)}\n{"atMs":2,"wh`, { mode: 0o644 });
  const audit = await openAuditFile(path);
  assert.deepEqual(audit.newest(), [act]);
  await audit.append({ ...act, atMs: 3 });
  assert.deepEqual(
    audit.newest().map(({ atMs }) => atMs),
    [3, 1],
  );
  assert.deepEqual(
    (await openAuditFile(path)).newest().map(({ atMs }) => atMs),
    [3, 1],
  );
});

test("the admin page logs in by its link in Chromium, shows all of it as text, and pauses", async (context) => {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
  const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args });
  context.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1_100, height: 900 } });
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(server.loginUrl);
  await page.getByText("open for pods").waitFor();
  assert.doesNotMatch(page.url(), /#/);
  await page.getByText("<b>shop</b>").waitFor();
  await page.getByText("20 TEST", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("closed: paused by its operator").waitFor();
  await page.getByRole("button", { name: "Drain" }).click();
  await page.getByText("That did not work").waitFor();
  await page.getByText("operator: drain failed").waitFor();
  const picture = process.env["ORRERY_PICTURES"];
  if (picture !== undefined) await page.screenshot({ path: join(picture, "provider-admin.png"), fullPage: true });
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("open for pods").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByText("Token: what stands").waitFor();
  assert.deepEqual(complaints, []);
  assert.deepEqual(done, ["drain"]);
});
