import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLog, createSystemClock } from "@orrery/core";
import { openAuditFile } from "../admin/system-audit-file.ts";
import { createProcessRuntime } from "../runtime/system-process-runtime.ts";
import { KEYS } from "../testing/chain/chain-harness.ts";
import { parseAddon } from "./addon.ts";
import { type AddonFacts, answerAddon } from "./answer-addon.ts";
import { isOfferSigned, signOffer } from "./offer.ts";
import { openAddons } from "./system-addons.ts";

const DOMAIN = { chainId: 31_337, contract: `0x${"12".repeat(20)}` } as const;
let sequence = 0;
const facts: AddonFacts = {
  capacity: () => ({ total: { cpu: "4000" }, free: { cpu: "1000" } }),
  prices: () => ({ cpu: "5" }),
  offer: (validS) => {
    sequence += 1;
    const offer = { provider: KEYS.provider.address, url: "http://p.test", content: { cpu: "5" }, sequence };
    return signOffer({ ...offer, expires: 2_000_000_000 + validS }, { key: KEYS.provider, domain: DOMAIN });
  },
};
const always = { take: () => true };
const ADDON = `name: market-agent
permissions: [read-capacity, sign-offers]
offers: { perHour: 2, validFor: 10m }
memory: 96MiB
`;
const said = (permissions: string) => parseAddon(`name: one\npermissions: [${permissions}]\n`, { file: "addon.yaml" });

test("answerAddon tells an add-on what it declares, and nothing else", async () => {
  const ways = { "GET /capacity": "read-capacity", "GET /prices": "read-prices", "POST /offers": "sign-offers" };
  for (const [way, own] of Object.entries(ways))
    for (const permission of [...Object.values(ways), "internet"]) {
      const [method = "", path = ""] = way.split(" ");
      const { status } = await answerAddon(said(permission), { method, path, body: "" }, { facts, count: always });
      assert.equal(status, permission === own ? 200 : 403, `${way} with ${permission}`);
    }
  const all = said("read-capacity, read-prices, sign-offers, internet");
  for (const path of ["/pods", "/secrets", "/capacity/", "/__proto__", "constructor"])
    assert.equal((await answerAddon(all, { method: "GET", path, body: "" }, { facts, count: always })).status, 404);
});

test("answerAddon signs offers within bounds", async () => {
  const addon = parseAddon(ADDON, { file: "addon.yaml" });
  const ask = (body: string, count = always) =>
    answerAddon(addon, { method: "POST", path: "/offers", body }, { facts, count });
  const { body } = await ask('{"validS":60}');
  const offer = body as Awaited<ReturnType<AddonFacts["offer"]>>;
  assert.equal(await isOfferSigned(offer, DOMAIN), true);
  assert.equal(await isOfferSigned({ ...offer, content: { cpu: "4" } }, DOMAIN), false);
  assert.equal(await isOfferSigned({ ...offer, expires: offer.expires + 1 }, DOMAIN), false);
  for (const bad of ['{"validS":601}', '{"validS":0}', '{"validS":"1"}', "{", "null"])
    assert.equal((await ask(bad)).status, 400, bad);
  assert.equal((await ask("", { take: () => false })).status, 429);
});

test("parseAddon tells mistakes with their lines", () => {
  assert.throws(
    () => parseAddon("name: one\npermisions: []\n", { file: "addon.yaml" }),
    /addon.yaml:2:1.*permissions/s,
  );
  assert.throws(() => said("read-secrets"), /read-capacity/);
});

const cannot =
  process.getuid?.() !== 0 || spawnSync("bwrap", ["--version"]).status !== 0 ? "it takes root and bwrap" : false;

test("openAddons runs a program in a cage, which reaches its socket, and no more than it declares", {
  skip: cannot,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-addons-test-"));
  const source = join(folder, "source");
  mkdirSync(source);
  writeFileSync(join(source, "addon.yaml"), ADDON);
  writeFileSync(
    join(source, "index.js"),
    `const { request } = require("node:http");
const { connect } = require("node:net");
const ask = (method, path) => new Promise((resolve) => {
  request({ socketPath: process.env.ORRERY_PROVIDER.slice(5), method, path }, (answer) => {
    answer.resume();
    answer.on("end", () => resolve(method + " " + path + " " + answer.statusCode));
  }).end();
});
const reach = (host, port) => new Promise((resolve) => {
  const socket = connect({ host, port, timeout: 700 });
  for (const [event, word] of [["connect", "reached"], ["error", "closed"], ["timeout", "closed"]])
    socket.on(event, () => { socket.destroy(); resolve(host + " " + word); });
});
(async () => {
  console.log(await ask("GET", "/capacity"));
  console.log(await ask("GET", "/prices"));
  for (let n = 0; n < 3; n++) console.log(await ask("POST", "/offers"));
  console.log(await reach("127.0.0.1", ${process.debugPort}));
  console.log(await reach("1.1.1.1", 53));
  console.log("done");
  setInterval(() => {}, 1000);
})();
`,
  );
  const runtime = await createProcessRuntime({ data: join(folder, "runtime") });
  const audit = await openAuditFile(join(folder, "audit.jsonl"));
  const log = createLog({ sink: () => undefined, now: () => 0 });
  const options = { folder: join(folder, "addons"), runtime, facts, audit, clock: createSystemClock(), log };
  const addons = await openAddons(options);
  context.after(async () => {
    await addons.close();
    await runtime.close();
    rmSync(folder, { recursive: true, force: true });
  });
  assert.equal((await addons.add(source)).isRunning, true);
  const lines: string[] = [];
  for await (const { text } of runtime.lines("addon-market-agent", { follow: true, signal: context.signal })) {
    lines.push(text);
    if (text === "done") break;
  }
  const own = lines.filter((line) => /^(GET|POST|127|1\.1)/.test(line));
  const offers = ["POST /offers 200", "POST /offers 200", "POST /offers 429"];
  assert.deepEqual(own, ["GET /capacity 200", "GET /prices 403", ...offers, "127.0.0.1 closed", "1.1.1.1 closed"]);
  const acts = audit.newest().map(({ who, what, outcome }) => `${who}: ${what.replace(/\d+/, "N")} ${outcome}`);
  assert.deepEqual(acts.toReversed(), [
    "add-on market-agent: GET /prices refused",
    "add-on market-agent: sign offer N for 600 s done",
    "add-on market-agent: sign offer N for 600 s done",
    "add-on market-agent: POST /offers refused",
  ]);
  await addons.close();
  const again = await openAddons(options);
  assert.deepEqual(
    again.list().map(({ name, isRunning }) => [name, isRunning]),
    [["market-agent", true]],
  );
  await again.remove("market-agent");
  assert.deepEqual([again.list(), await runtime.names()], [[], []]);
  await assert.rejects(again.remove("market-agent"), { code: "not_found" });
  await again.close();
});
