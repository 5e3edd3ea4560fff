import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseMoney, printMoney } from "./money.ts";
import { DEVELOPER_PLAN, limitsOfPlan } from "./plan.ts";
import { parsePlanFile } from "./plan-file.ts";

const DEVELOPER = `plans:
  developer:
    title: Developer
    price: 35 USD
    seats: { included: 1, price: 35 USD }
    services: { included: 10, price: 5 USD }
    grace: 7d
    keep: 30d
`;

describe("parsePlanFile", () => {
  it("reads plans", () => {
    assert.deepEqual(parsePlanFile(DEVELOPER, { file: "plans.yaml" }), [DEVELOPER_PLAN]);
  });

  it("reads what processes may use, and refuses too little", () => {
    const limited = (memory: string) =>
      DEVELOPER.replace("    grace", `    limits: { memory: ${memory}, processors: 50% }\n    grace`);
    const [plan = DEVELOPER_PLAN] = parsePlanFile(limited("128MiB"), { file: "plans.yaml" });
    const [memoryBytes, scratchBytes] = [128 * 1024 * 1024, 64 * 1024 * 1024];
    const others = { of: "plan developer", threadsMax: 64, scratchBytes };
    assert.deepEqual(limitsOfPlan(plan), { ...others, memoryBytes, processors: 0.5 });
    assert.deepEqual(limitsOfPlan(DEVELOPER_PLAN), { ...others, memoryBytes: 2 * memoryBytes, processors: 1 });
    assert.throws(() => parsePlanFile(limited("32MiB"), { file: "plans.yaml" }), /is 32MiB: write 96MiB or more/);
  });

  it("reads what a whole space may have, where a plan bounds that", () => {
    const limited = (limits: string) => DEVELOPER.replace("    grace", `    limits: { ${limits} }\n    grace`);
    const [plan] = parsePlanFile(limited("instances: 20, storage: 2TiB, requests: 0.5"), { file: "p" });
    assert.deepEqual(plan?.quotas, { instances: 20, storageBytes: 2 * 1024 ** 4, requestsPerSecond: 0.5 });
    assert.equal(parsePlanFile(limited("memory: 96MiB"), { file: "p" })[0]?.quotas, undefined);
    for (const wrong of ["instances: -1", "storage: 10", "requests: 0"])
      assert.throws(() => parsePlanFile(limited(wrong), { file: "p" }), new RegExp(`limits.${wrong.split(":")[0]}`));
  });

  it("tells every mistake with its place", () => {
    const wrong = DEVELOPER.replace("price: 35 USD\n", "price: 35.001 USD\n")
      .replace("price: 5 USD", "price: 5 EUR")
      .replace("grace: 7d", "grace: 28d")
      .replace("keep: 30d", "keep: 3d");
    assert.throws(
      () => parsePlanFile(wrong, { file: "plans.yaml" }),
      (error: Error) => {
        for (const part of [
          "plans.yaml:4:12",
          "35.001 USD",
          "plans.yaml:7:12",
          "less than 28d",
          "plans.yaml:8:11",
          "14d or more",
        ])
          assert.ok(error.message.includes(part), `${part} in ${error.message}`);
        return true;
      },
    );
    assert.throws(() => parsePlanFile("plans:\n  a: { title: A }\n", { file: "p" }), /price/);
  });
});

describe("parseMoney", () => {
  it("reads and writes amounts in the digits of their currency", () => {
    for (const [text, amount, currency, written] of [
      ["35 USD", 3_500, "usd", "35.00 USD"],
      ["0.5 EUR", 50, "eur", "0.50 EUR"],
      ["500 JPY", 500, "jpy", "500 JPY"],
      ["1.250 KWD", 1_250, "kwd", "1.250 KWD"],
    ] as const) {
      assert.deepEqual(parseMoney(text), { amount, currency });
      assert.equal(printMoney({ amount, currency }), written);
    }
    for (const text of ["35", "35 usd", "1.5 JPY", "1.001 USD", "-1 USD", "1 XXQ", "1e3 USD"])
      assert.equal(parseMoney(text), undefined, text);
    assert.equal(printMoney({ amount: -5, currency: "usd" }), "-0.05 USD");
  });
});
