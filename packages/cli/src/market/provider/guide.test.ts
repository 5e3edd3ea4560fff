import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { guideBlocks, guideShell, typeInto } from "../../testing/guide-shell.ts";
import { askGateway, openTestMarket, type TestMarket } from "../../testing/market.ts";

const BLOCKS = guideBlocks("provider");
const DEV_UP = "orrery dev up --providers=0 --live &\n";
const ACCOUNT = `0x${"a".repeat(40)}`;

describe("the commands of docs/guide/provider.md", () => {
  let market: TestMarket;
  let provider: ChildProcess | undefined;
  let [api, gateway] = ["", ""];
  before(async () => {
    market = await openTestMarket(0, { isLive: true });
  });
  after(async () => {
    provider?.kill("SIGINT");
    if (provider?.exitCode === null) await once(provider, "exit");
    await market?.[Symbol.asyncDispose]();
  });

  /** Types lines beside the bench. */
  const typed = (lines: string) => typeInto(guideShell(market.cwd), lines);

  /** Starts what a line leaves in the background, at ports that are free, until it says that it sells. */
  async function start(line: string): Promise<void> {
    const path = join(market.cwd, "provider.yaml");
    const listen = 'listen: { api: "127.0.0.1:0", gateway: "127.0.0.1:0", admin: "127.0.0.1:0" }';
    writeFileSync(path, readFileSync(path, "utf8").replace(/^# listen:.*$/m, listen));
    const [command = "", ...words] = line.trim().replace(/ &$/, "").split(" ");
    provider = spawn(command, words, { ...guideShell(market.cwd), stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    for await (const piece of provider.stdout ?? []) {
      said += String(piece);
      if (said.includes("operator")) break;
    }
    api = /publishers +(\S+)/.exec(said)?.[1] ?? "";
    gateway = /pods +(http\S+)/.exec(said)?.[1] ?? "";
    assert.notEqual(api, "", said);
  }

  for (const { line, commands } of BLOCKS)
    it(`do what is said at line ${line}`, async () => {
      if (commands === DEV_UP) assert.equal(market.bench.status().isLive, true);
      else if (commands.endsWith("&\n")) await start(commands);
      else {
        const out = await typed(commands.replace("http://127.0.0.1:7180", api));
        if (commands.includes("pod deploy"))
          assert.equal((await askGateway(gateway, { host: "hello.test" })).body, "hello\n");
        if (commands.includes("provider status")) assert.match(out, /pods +1 run, of 1\n.*hello .*running +Active/s);
        if (commands.includes("unstake")) {
          assert.match(out, /wallet +850 COIN.*\nstake, leaving +25 COIN/s);
          const audit = readFileSync(join(market.cwd, "data/audit.jsonl"), "utf8");
          assert.match(audit, /"what":"stake 50000000".*\n.*"what":"unstake 25000000"/);
        }
        if (commands.includes("drain")) assert.match(await typed("orrery provider status"), /it is being drained/);
      }
    });

  it("cannot move a time that passes by itself", async () => {
    const { exit, err } = await market.orrery("dev clock +5");
    assert.notEqual(exit, 0);
    assert.match(err, /Cannot move the clock by 5 s\s+time passes by itself on a bench that was started with --live/);
    const before = market.bench.status().nowMs;
    for (let looks = 0; market.bench.status().nowMs === before && looks < 600; looks++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(market.bench.status().nowMs > before);
  });

  it("gives tokens to whom they are for, and says what is no wallet", async () => {
    assert.match(await market.done(`dev fund ${ACCOUNT} 2.5`), /^0xa{40} has 2\.5 COIN in its wallet/);
    assert.match(await market.done(`dev fund ${ACCOUNT}`), /^0xa{40} has 1002\.5 COIN/);
    for (const [words, why] of [
      ["alice", /Cannot find wallet "alice"/],
      ["./nobody.json", /Cannot fund "\.\/nobody\.json"\s+there is no such file/],
      ["./password", /Cannot read wallet ".*password"\s+it is no keystore/],
      [`${ACCOUNT} 0`, /Cannot fund 0xa{40} by 0\s+write COIN, such as 100/],
      [`${ACCOUNT} 0.0000001`, /Cannot read amount "0\.0000001"\s+COIN has 6 digits/],
    ] as const)
      assert.match((await market.orrery(`dev fund ${words}`)).err, why);
  });
});
