import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openTestMarket, type TestMarket } from "../testing/market.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/guide/market.md"), "utf8");
const BLOCKS = [...PAGE.matchAll(/^```sh\n(.*?)^```$/gms)].map((found) => ({
  line: PAGE.slice(0, found.index).split("\n").length + 1,
  commands: (found[1] ?? "").replace(/^orrery dev up &$/m, ""),
}));

describe("the commands of docs/guide/market.md", () => {
  let market: TestMarket;
  before(async () => {
    market = await openTestMarket(1);
  });
  after(() => market?.[Symbol.asyncDispose]());

  /** Types lines into a shell beside the bench. */
  async function typed(lines: string): Promise<string> {
    const { NODE_TEST_CONTEXT: _, npm_execpath: __, ...own } = process.env;
    const path = [dirname(process.execPath), join(ROOT, "node_modules/.bin"), own["PATH"]].join(delimiter);
    const env = { ...own, PATH: path, HOME: market.cwd, NODE_OPTIONS: "--conditions=source" };
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", lines], { cwd: market.cwd, env });
    return stdout;
  }

  for (const { line, commands } of BLOCKS)
    it(`do what is said at line ${line}`, async () => {
      const out = await typed(commands);
      if (commands.includes("pod deploy --deposit"))
        assert.deepEqual(await market.ask("hello.test"), { status: 200, body: "hello\n" });
      if (commands.includes("clock +3600")) assert.match(out, /0\.004061 COIN/);
      if (commands.includes("lease settle")) assert.equal((await market.ask("hello.test")).status, 404);
    });
});
