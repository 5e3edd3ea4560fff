import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { guideBlocks, guideShell, typeInto } from "../testing/guide-shell.ts";
import { openTestMarket, type TestMarket } from "../testing/market.ts";

const BLOCKS = guideBlocks("market");

describe("the commands of docs/guide/market.md", () => {
  let market: TestMarket;
  before(async () => {
    market = await openTestMarket(1);
  });
  after(() => market?.[Symbol.asyncDispose]());

  for (const { line, commands } of BLOCKS)
    it(`do what is said at line ${line}`, async () => {
      const out = await typeInto(guideShell(market.cwd), commands.replace(/^orrery dev up &$/m, ""));
      if (commands.includes("pod deploy --deposit"))
        assert.deepEqual(await market.ask("hello.test"), { status: 200, body: "hello\n" });
      if (commands.includes("clock +3600")) assert.match(out, /0\.004061 COIN/);
      if (commands.includes("lease settle")) assert.equal((await market.ask("hello.test")).status, 404);
    });
});
