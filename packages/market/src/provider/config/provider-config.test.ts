import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newProviderConfig } from "./new-config.ts";
import { parseProviderConfig } from "./provider-config.ts";
import { parseMoney, parsePrice, printMoney } from "./units.ts";

const ADDRESS = `0x${"5".repeat(40)}`;
const TEXT = newProviderConfig({
  address: "provider.test",
  chain: { url: "http://127.0.0.1:8545", id: 31_337, leases: ADDRESS, token: ADDRESS, registry: ADDRESS, decimals: 6 },
  cores: 4,
  memoryMiB: 8_192,
});
const file = "provider.yaml";

describe("parseProviderConfig", () => {
  it("reads the file that a new provider gets", () => {
    const config = parseProviderConfig(TEXT, { file });
    assert.deepEqual(config.capacity, { cpu: 4_000n, memory: 8_192n, storage: 20_480n, ip: 0n, gpu: 0n });
    assert.deepEqual(config.listen.admin, { host: "127.0.0.1", port: 7181 });
    assert.deepEqual([config.wallet, config.data, config.ports], ["wallet.json", "data", { from: 20_000, to: 20_999 }]);
    const { prices, bondS, conditions } = config.priceList;
    assert.equal(prices.cpu, 1_902_588n); // 5e6 units x 1e9 / 1000 / 2,628,000 s, rounded up.
    assert.equal(prices.ingress, 0n);
    assert.deepEqual([bondS, conditions.challengeBond, conditions.providerNotice], [259_200, 1_000_000n, 604_800]);
    assert.deepEqual(config.evidence, { kind: "none" });
  });

  for (const [part, instead, place, why] of [
    ["cpu: 5/month", "cpu: 5/moon", "16:8", /write tokens an hour or a month such as 5\/month/],
    ["cpu: 5/month", "cpu: 999999999999/hour", "16:8", /is more than a lease can pay in a second/],
    ["egress: 0.01", "egress: 1/hour", "19:11", /write tokens for each GiB, such as 0\.01/],
    ["  egress", "  egres", "19:3", /did you mean "egress"/],
    ["memory: 8192MiB", "memory: lots", "24:11", /write a size such as 8GiB/],
    [ADDRESS, "0x12", "9:11", /write an address of a contract/],
    [
      '# listen: { api: "0.0.0.0:7180", gateway: "0.0.0.0:8080", admin: "127.0.0.1:7181" }',
      'listen: { admin: "0.0.0.0:7181" }',
      "35:18",
      /the admin page is for this machine alone/,
    ],
    ["# ports: 20000-20999", "ports: 3000-2000", "36:8", /write the lower one first/],
    ["# terms:\n#   bond: 3d", "terms: { publisherNotice: 1s }\n#", "28:8", /no lease can have/],
  ] as const)
    it(`says where "${instead.slice(0, 40)}" is wrong, and what would work`, () => {
      assert.ok(TEXT.includes(part));
      assert.throws(
        () => parseProviderConfig(TEXT.replace(part, instead), { file }),
        (error: Error) => {
          assert.match(error.message, why);
          assert.ok(error.message.includes(`provider.yaml:${place}:`), error.message);
          return true;
        },
      );
    });
});

describe("parsePrice", () => {
  it("gives whole billionths, rounded up, so that nothing with a price is free", () => {
    assert.equal(parsePrice("cpu", "1/hour", 6), 277_777_778n);
    assert.equal(parsePrice("memory", "0.000000000000000001/month", 0), 1n);
    assert.equal(parsePrice("egress", "0", 18), 0n);
    assert.equal(parsePrice("egress", "0.01", 6), 9_536_744n);
    assert.match(String(parsePrice("cpu", "5", 6)), /^write tokens an hour/);
  });
});

describe("parseMoney", () => {
  it("reads tokens as base units, which printMoney prints", () => {
    for (const [text, units] of [
      ["1.5", 1_500_000n],
      ["0.000001", 1n],
      ["12", 12_000_000n],
      ["0", 0n],
    ] as const) {
      assert.equal(parseMoney(text, 6), units);
      assert.equal(printMoney(units, 6), text);
    }
    assert.equal(printMoney(7n, 0), "7");
    assert.throws(() => parseMoney("0.0000001", 6), /"0.0000001" has 7 digits behind the point, and the token 6/);
  });
});
