import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import type { Abi } from "viem";
import { Leases, ProviderRegistry } from "../gen/contracts.ts";
import { GasFigures, gasPage } from "../testing/gas-page.ts";
import { LeaseBench, type Look } from "../testing/lease-bench.ts";
import { castOf } from "../testing/play/cast-of.ts";
import { LeasePlay } from "../testing/play/lease-play.ts";
import { playSequence, type Stage, setStage } from "../testing/play/sequence.ts";
import { LeaseRefused } from "./lease-error.ts";
import { ProviderRegistryModel } from "./provider-registry-model.ts";
import type { Account } from "./terms.ts";

const LONG = process.env["ORRERY_LONG"] === "1";
const CALLS = Number(process.env["ORRERY_CALLS"] ?? (LONG ? 20_000 : 250));
/** Sequences of which gas is measured: the first, from the same seeds each time. */
const MEASURED = 300;
const SEQUENCES = Math.max(MEASURED, Number(process.env["ORRERY_SEQUENCES"] ?? (LONG ? 10_000 : MEASURED)));
const SEED = Number(process.env["ORRERY_SEED"] ?? 1);
/** Sequences that are planned and made beside each other. */
const AT_ONCE = 2;
const AT = 2_000_000_000;
const PAGE = new URL("../../../../docs/reference/gas.md", import.meta.url);

/** As the model prints it: the chain's addresses in small letters, its numbers as they are. */
function alike({ held, found, owned }: Look): unknown {
  const plain = (value: unknown) =>
    typeof value === "string" ? value.toLowerCase() : typeof value === "bigint" ? `${value}` : `${String(value)}`;
  const all = (record: object) =>
    Object.fromEntries(
      Object.entries(record)
        .map(([name, value]) => [name, plain(value)])
        .sort(([one = ""], [other = ""]) => one.localeCompare(other)),
    );
  return { held: plain(held), found: found.map(all), owned: owned.map(all) };
}

/** Counts what came of calls. */
class Outcomes {
  readonly #counts = new Map<string, number>();

  note(name: string, told: string): void {
    const outcome = `${name} ${told}`.trim();
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  lines(): readonly string[] {
    return [...this.#counts].sort().map(([outcome, count]) => `${outcome}: ${count}`);
  }
}

/** Functions of a contract that change something. */
function operationsOf(contract: string, abi: Abi): readonly string[] {
  const changes = abi.filter((one) => one.type === "function" && one.stateMutability === "nonpayable");
  return changes.map((one) => `${contract}.${"name" in one ? one.name : ""}`);
}

describe("The contracts and their models", () => {
  let bench: LeaseBench;
  let stage: Stage;
  const gas = new GasFigures();
  before(async () => {
    bench = await LeaseBench.open();
    await bench.endow(10n ** 12n);
    stage = await setStage(bench, castOf(bench.accounts), AT);
  });
  after(() => bench.chain.stop());

  it(`Leases.sol keeps the rules and does as its model in each call of ${SEQUENCES} sequences by chance, and one side ends alone`, async (t) => {
    const outcomes = new Outcomes();
    let [next, calls] = [SEED, 0];
    const work = async () => {
      while (next < SEED + SEQUENCES) {
        const seed = next++;
        const made = await playSequence(stage, seed);
        calls += made.length;
        for (const { name, told } of made) outcomes.note(name, told);
        if (seed > MEASURED) continue;
        for (const one of made.filter(({ told }) => told === ""))
          gas.note({ contract: "Leases", operation: one.name, gas: one.gas });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    t.diagnostic(`${SEQUENCES} sequences from seed ${SEED}, ${calls} calls`);
    for (const line of outcomes.lines()) t.diagnostic(line);
  });

  it(`Leases.sol ends like its model after each of ${CALLS} calls by chance in blocks of their own, and loses no unit`, async (t) => {
    const { cast, at, endowedAt } = stage;
    const random = createSeededRandom(SEED);
    const play = new LeasePlay({ chain: bench, random, cast, at, endowedAt });
    const outcomes = new Outcomes();
    for (let call = 0; call < CALLS; call++) {
      const { name, text, told, sent } = await play.step();
      outcomes.note(name, told);
      assert.equal(sent.refusal ?? "", told, `call ${call}: ${text}`);
      const look = await bench.look(play.names());
      assert.deepEqual(alike(look), alike(play.expected(bench.accounts)), `call ${call}: ${text}`);
      assert.equal(play.sum(), look.held, `call ${call}: ${text}`);
    }
    for (const line of outcomes.lines()) t.diagnostic(line);
  });

  it("ProviderRegistry.sol has whom its model has, in its order, after each of 120 calls by chance", async () => {
    const random = createSeededRandom(1);
    const model = new ProviderRegistryModel();
    const own = (account: Account) => account.toLowerCase();
    const [{ timestamp }] = (await bench.chain.ask(["eth_getBlockByNumber", "latest", false])) as [
      { timestamp: string },
    ];
    for (let call = 0; call < 120; call++) {
      const from = bench.accounts[random.integer(7)] as Account;
      const leaves = random.next() < 0.4;
      const url =
        random.next() < 0.1
          ? "x".repeat(257 * random.integer(2))
          : `https://provider-${100 + random.integer(900)}.test`;
      const profile = `0x${String(random.integer(10)).repeat(64)}` as const;
      const args = leaves ? [] : [url, profile];
      const operation = leaves ? "unregister" : "register";
      const sent = await bench.sendRegistry(from, { name: operation, args }, Number(timestamp) + call + 1);
      const told = toldBy(() => (leaves ? model.unregister(from) : model.register({ url, profile }, from)));
      assert.equal(sent.refusal ?? "", told, `call ${call}`);
      if (told === "") gas.note({ contract: "ProviderRegistry", operation, gas: sent.gas });
      const all = await bench.providers();
      assert.deepEqual(
        all.map((one) => ({ ...one, provider: own(one.provider as Account) })),
        model.all(),
        `call ${call}`,
      );
    }
  });

  it("docs/reference/gas.md has what each operation took in this run", {
    skip: SEED !== 1 && "other seeds",
  }, async () => {
    const all = [
      ...operationsOf("Leases", Leases.abi as Abi),
      ...operationsOf("ProviderRegistry", ProviderRegistry.abi as Abi),
    ];
    assert.deepEqual(gas.operations(), all.toSorted(), "each operation went through at least once");
    const page = gasPage(gas, bench.deployed);
    if (process.env["ORRERY_WRITE"] === "1") await writeFile(PAGE, page);
    const mend = "write it anew: ORRERY_WRITE=1 npm run test:unit -- packages/market/src/lease/lease-chain.test.ts";
    assert.equal(await readFile(PAGE, "utf8").catch(() => ""), page, mend);
  });
});

function toldBy(act: () => void): string {
  try {
    act();
    return "";
  } catch (error) {
    if (error instanceof LeaseRefused) return error.refusal;
    throw error;
  }
}
