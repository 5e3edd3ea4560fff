import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type } from "../../testing/memory-terminal.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-provider-"));
after(() => rmSync(cwd, { recursive: true }));
const orrery = (words: string, more: object = {}) => type(words.split(" "), { cwd, env: { HOME: cwd }, ...more });
const CONTRACTS = ["leases", "token", "registry"].map((name) => `--${name}=0x${"5".repeat(40)}`).join(" ");
/** Nothing listens there: the chain is not known. */
const INIT = `provider init --chain=http://127.0.0.1:9 ${CONTRACTS} --password-file=secret`;

describe("orrery provider init", () => {
  before(() => writeFileSync(join(cwd, "secret"), "correct horse\n"));

  it("says what is missing, and makes nothing", async () => {
    const { exit, err } = await orrery("provider init");
    assert.equal(exit, 2);
    assert.match(
      err,
      /Cannot make a provider without --chain, --leases, --token, --registry\s+a market is a chain and its contracts/,
    );
    assert.deepEqual(readdirSync(cwd), ["secret"]);
  });

  it("writes a file that is valid, and a wallet that only its user reads; and neither twice", async () => {
    const made = await orrery(INIT);
    assert.equal(made.exit, 0, made.err);
    assert.match(made.err, /Wrote provider\.yaml, and made wallet 0x[0-9a-f]{40} in wallet\.json/);
    assert.match(made.err, /Then: send the wallet tokens and gas, orrery provider stake TOKENS, orrery provider up/);
    assert.equal(statSync(join(cwd, "wallet.json")).mode & 0o777, 0o600);
    const text = readFileSync(join(cwd, "provider.yaml"), "utf8");
    const again = await orrery(INIT);
    assert.match(again.err, /its file ".*provider\.yaml" is there already;\s*it is left as it is/);
    assert.equal(readFileSync(join(cwd, "provider.yaml"), "utf8"), text);
  });

  it("needs a provider that runs for the other commands, and says how to start it", async () => {
    for (const command of ["status", "inspect", "pause", "resume", "drain"]) {
      const { exit, err } = await orrery(`provider ${command}`);
      assert.notEqual(exit, 0);
      assert.match(err, /Cannot reach the provider of ".*data"\s+none runs; start it by "orrery provider up"/);
    }
    const { exit, err } = await orrery("provider stake 100 --password-file=secret");
    assert.equal(exit, 4);
    assert.match(err, /Cannot look at the stake\s+the chain is not known \(the node at .* does not answer/);
  });
});

describe("orrery provider up", () => {
  let interrupt: () => void = () => undefined;
  let ended: ReturnType<typeof orrery>;
  let selling: Record<string, string>;
  before(async () => {
    const path = join(cwd, "provider.yaml");
    const listen = 'listen: { api: "127.0.0.1:0", gateway: "127.0.0.1:0", admin: "127.0.0.1:0" }';
    writeFileSync(path, readFileSync(path, "utf8").replace(/# listen:.*/, listen));
    selling = await new Promise((resolve, reject) => {
      ended = orrery("provider up --password-file=secret --output=json", {
        onListening: (stop: () => void) => {
          interrupt = stop;
        },
        onWrite: (text: string) => resolve(JSON.parse(text) as Record<string, string>),
      });
      ended.then(({ err }) => reject(new Error(err)), reject);
    });
  });
  after(async () => {
    interrupt();
    const { exit, err } = await ended;
    assert.equal(exit, 0);
    assert.match(err, /Stopping: pods end, and are found again at the next start/);
  });

  it("says where it is reached, and answers there who it is", async () => {
    assert.match(selling["account"] ?? "", /^0x[0-9a-f]{40}$/);
    const answer = await fetch(`${selling["url"]}/orrery.market.v1.ProviderService/Describe`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    const said = (await answer.json()) as Record<string, unknown>;
    assert.equal(answer.status, 200);
    assert.deepEqual([said["account"], said["runtime"], said["evidence"]], [selling["account"], "process", "none"]);
    const denied = await fetch(`${selling["url"]}/orrery.market.v1.ProviderService/ListPods`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    assert.equal(denied.status, 401);
  });

  it("shows its operator how it stands, of a chain that is not known too", async () => {
    const { exit, out, err } = await orrery("provider status");
    assert.equal(exit, 0, err);
    assert.match(out, /^Provider 0x[0-9a-f]{40}: takes pods\n/);
    assert.match(out, /pods +0 run, of 0\n/);
    assert.match(out, /stake +the chain is not known now\n/);
    assert.match((await orrery("provider inspect")).err, /^There are no pods\n$/);
    const page = await fetch(selling["admin"] ?? "");
    assert.equal(page.status, 200);
  });

  it("takes no new pods when it is told so, and takes them again", async () => {
    assert.match(
      (await orrery("provider pause")).err,
      /^Takes no new pods; what runs goes on\. Next: orrery provider resume\n$/,
    );
    assert.match((await orrery("provider status")).out, /takes no new pods: paused by its operator\n/);
    assert.match((await orrery("provider resume")).err, /^Takes new pods\n$/);
    const drained = await orrery("provider drain");
    assert.match(drained.err, /^No pod runs, and all leases are settled: the provider can be ended\n$/);
    assert.match((await orrery("provider status")).out, /takes no new pods: it is being drained\n/);
    const audit = readFileSync(join(cwd, "data/audit.jsonl"), "utf8");
    assert.deepEqual(
      audit
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { what: string }).what),
      ["pause", "resume", "drain"],
    );
  });

  it("runs add-ons with what they declare, and takes them away", async () => {
    const source = join(cwd, "agent");
    mkdirSync(source);
    writeFileSync(
      join(source, "addon.yaml"),
      "name: market-agent\npermissions: [read-capacity]\nabout: Lists offers\n",
    );
    writeFileSync(join(source, "index.js"), "setInterval(() => {}, 1000);\n");
    const added = await orrery("provider addon add agent");
    assert.equal(added.exit, 0, added.err);
    assert.match((await orrery("provider addon ls")).out, /market-agent +runs +read-capacity +Lists offers\n/);
    assert.match((await orrery("provider inspect")).err, /There are no pods/);
    assert.match((await orrery("provider addon rm other")).err, /Cannot remove "other"/);
    assert.match((await orrery("provider addon rm market-agent")).err, /There are no add-ons/);
    writeFileSync(join(source, "addon.yaml"), "name: market-agent\npermissions: [read-secrets]\n");
    const refused = await orrery("provider addon add agent");
    assert.notEqual(refused.exit, 0);
    assert.match(refused.err, /addon.yaml:2.*read-capacity/s);
  });

  it("is alone in its folder", async () => {
    const { exit, err } = await orrery("provider up --password-file=secret");
    assert.notEqual(exit, 0);
    assert.match(err, /Cannot start the provider of ".*data"\s+it runs already/);
  });
});
