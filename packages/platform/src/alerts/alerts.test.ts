import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import { createLog } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createSecretBox, createSecretKey, type Database } from "@orrery/registry";
import { openEmptyDatabase } from "@orrery/registry/conformance";
import { type Kysely, sql } from "kysely";
import type { AlertMessage, Alerts } from "./alerts.ts";
import { createAlerts } from "./create-alerts.ts";
import { ALERT_RETRY_MS, ALERT_TRIES_MAX } from "./limits.ts";
import { openAlertRecords } from "./sql-alerts.ts";
import { createStatusPage } from "./status-page.ts";
import { alertHeaders } from "./system-post-alert.ts";
import { alertingMailer, alertingPayments, createTeller, watchDisk } from "./watchers.ts";

describe("createAlerts", () => {
  let database: Database;
  let now = 1_000_000_000;
  let sent: AlertMessage[] = [];
  let answer: () => void = () => {};
  let alerts: Alerts;
  const log = createLog({ sink: () => {}, now: () => now, fields: {} });
  /** A clock whose sleeps end at once, and tell how long they would have been; the run ends after so many. */
  const deliver = async (sleeps = 1) => {
    const end = new AbortController();
    const slept: number[] = [];
    clock.sleep = async (ms: number) => {
      slept.push(ms);
      now += ms;
      if (slept.length >= sleeps) end.abort();
    };
    await alerts.run(end.signal);
    return slept;
  };
  const clock = {
    now: () => now,
    monotonic: () => now,
    timer: () => ({ cancel: () => {} }),
    sleep: async (_ms: number) => {},
  };
  before(async () => {
    database = await openEmptyDatabase();
    const records = await openAlertRecords(database);
    const post = async (message: AlertMessage) => {
      sent.push(message);
      answer();
    };
    const secrets = createSecretBox([createSecretKey()]);
    alerts = createAlerts({ records, post, secrets, clock, random: createSeededRandom(1), log });
  });
  beforeEach(async () => {
    sent = [];
    answer = () => {};
    const kysely = database.kysely as unknown as Kysely<unknown>;
    for (const table of ["alert_sink", "incident"]) await sql`delete from ${sql.table(table)}`.execute(kysely);
  });
  after(() => database.close());

  it("tells once that something is wrong and once that it is over, only those who want that kind, signed", async () => {
    const secret = await alerts.add({ name: "pager", url: "https://a.test/hook", kinds: [] });
    await alerts.add({ name: "money", url: "https://a.test/money", kinds: ["payment"] });
    for (let times = 0; times < 3; times++) await alerts.raise({ kind: "mail", text: "Letters are not taken" });
    await deliver();
    await alerts.clear({ kind: "mail" });
    await alerts.clear({ kind: "mail" });
    await deliver();
    assert.deepEqual(
      sent.map(({ url, body }) => [url, JSON.parse(body).type, JSON.parse(body).data.kind]),
      [
        ["https://a.test/hook", "alert.raised", "mail"],
        ["https://a.test/hook", "alert.over", "mail"],
      ],
    );
    const [message] = sent as [AlertMessage];
    const headers = alertHeaders(message);
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${message.body}`;
    assert.equal(headers["webhook-signature"], `v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
    const kysely = database.kysely as unknown as Kysely<unknown>;
    const { rows } = await sql<{ secret: string }>`select secret from alert_sink`.execute(kysely);
    assert.ok(rows.every((row) => !row.secret.includes(secret.slice(6))));
    assert.equal((await alerts.incidents())[0]?.until, now - 60_000);
  });

  it("tries again ever more seldom what is not taken, and gives it up in the end, which is seen", async () => {
    await alerts.add({ name: "pager", url: "https://a.test/hook", kinds: [] });
    answer = () => {
      throw new Error("it answered 503");
    };
    await alerts.raise({ kind: "disk", text: "full" });
    const slept = await deliver(3 * ALERT_TRIES_MAX);
    assert.equal(sent.length, ALERT_TRIES_MAX);
    assert.equal(new Set(sent.map(({ id }) => id)).size, 1);
    assert.deepEqual(slept.slice(0, 3), [ALERT_RETRY_MS, ALERT_RETRY_MS * 2, ALERT_RETRY_MS * 4]);
    const [sink] = await alerts.list();
    assert.deepEqual([sink?.waiting, sink?.delivered, sink?.dead, sink?.lastError], [0, 0, 1, "it answered 503"]);
    assert.deepEqual(await alerts.test("pager"), { ok: false, told: "it answered 503" });
  });

  for (const [what, sink, code] of [
    ["a name that is none", { name: "My Pager", url: "https://a.test", kinds: [] }, "invalid_argument"],
    ["a URL with a password", { name: "a", url: "https://u:p@a.test", kinds: [] }, "invalid_argument"],
    ["a URL of files", { name: "a", url: "file:///etc/passwd", kinds: [] }, "invalid_argument"],
    ["a kind that is none", { name: "a", url: "https://a.test", kinds: ["rain"] }, "invalid_argument"],
  ] as const)
    it(`refuses ${what}`, async () => {
      await assert.rejects(alerts.add(sink as Parameters<Alerts["add"]>[0]), { code });
    });

  it("refuses a name twice, and one that is not there", async () => {
    const sink = { name: "pager", url: "https://a.test", kinds: [] };
    await alerts.add(sink);
    await assert.rejects(alerts.add(sink), { code: "already_exists" });
    await assert.rejects(alerts.remove("other"), { code: "not_found" });
    await alerts.remove("pager");
    assert.deepEqual(await alerts.list(), []);
  });

  it("is raised by letters that are not taken, a provider without an answer, and a disk that is nearly full, until that is over", async () => {
    const teller = createTeller(alerts, log);
    let isBroken = true;
    const work = async () => {
      if (isBroken) throw new Error("connection refused");
    };
    const mailer = alertingMailer({ send: work }, teller);
    const payments = alertingPayments(
      { charge: work, withdraw: work, refund: work } as unknown as Parameters<typeof alertingPayments>[0],
      teller,
    );
    const invoice = {} as Parameters<typeof payments.charge>[0];
    const act = () =>
      Promise.allSettled([
        mailer.send({ to: "a@a.test", subject: "", text: "" }),
        payments.charge(invoice, { space: "a.test", account: "" }),
      ]);
    const end = new AbortController();
    const look = { teller, clock: { ...clock, sleep: async () => end.abort() }, signal: end.signal };
    await act();
    await watchDisk(async () => ({ free: 4, all: 100 }), look);
    const open = async () =>
      (await alerts.incidents()).filter(({ until }) => until === undefined).map(({ kind }) => kind);
    assert.deepEqual((await open()).sort(), ["disk", "mail", "payment"]);
    const page = createStatusPage({ alerts, now: () => now });
    const ask = (accept: string) =>
      page({ method: "GET", headers: new Headers({ accept }), readBody: async () => new Uint8Array() });
    await alerts.raise({ kind: "panic", subject: "ann.test:shop", text: "ann's secret" });
    const { html = "", body } = await ask("text/html");
    assert.match(html, /<h1>Something is wrong<\/h1>.*Mail<\/td><td class="bad">disturbed/s);
    for (const shown of [html, JSON.stringify(body)]) assert.doesNotMatch(shown, /ann|refused|secret|panic/);
    isBroken = false;
    await act();
    const again = new AbortController();
    const free = { teller, clock: { ...clock, sleep: async () => again.abort() }, signal: again.signal };
    await watchDisk(async () => ({ free: 40, all: 100 }), free);
    assert.deepEqual(await open(), ["panic"]);
    assert.match((await ask("text/html")).html ?? "", /<h1>All is well<\/h1>/);
  });
});
