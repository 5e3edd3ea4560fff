import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

describe("orrery admin e2e", () => {
  let up: TestUp;
  before(async () => {
    up = await openTestUp();
    await up.done("env add here data --use");
  });
  after(() => up?.[Symbol.asyncDispose]());
  const OWN = { env: { ORRERY_SERVER: "" } };

  it("lives the story of two tenants, tells each step, and leaves nothing", async () => {
    const { exit, out, err } = await up.orrery("admin e2e --output=json", OWN);
    const { ok, environment, steps } = JSON.parse(out) as {
      ok: boolean;
      environment: string;
      steps: readonly { step: string; ok: boolean; told: string }[];
    };
    assert.deepEqual([exit, ok, environment], [0, true, "here"], `${err}\n${JSON.stringify(steps, undefined, 2)}`);
    assert.deepEqual(
      steps.map(({ step }) => step),
      [
        ...[
          "sign up",
          "run",
          "status",
          "config, store and events",
          "call",
          "second tenant",
          "call by HTTP",
          "update",
          "kill",
          "status is empty",
        ],
        "clean up",
      ],
    );
    assert.equal((await up.orrery("ls", OWN)).out.includes("e2e-"), false);
    const mail = join(up.cwd, "data", "mail"); // A bill tells of its end when it is closed, which may be later.
    for (const letter of readdirSync(mail)) assert.match(readFileSync(join(mail, letter), "utf8"), /Your space\s+e2e-/);
  });

  it("says which step failed and why, and cleans up all the same", async () => {
    const { exit, out } = await up.orrery("admin e2e --plan=none", OWN);
    assert.equal(exit, 1);
    assert.match(out, /^failed +\S+( \S+)? {2}sign up: .* Cannot choose plan "none": /m);
    assert.match(out, /^ok +\S+( \S+)? {2}clean up: nothing is left$/m);
    assert.match(out, /^here: it failed, 2 steps in /m);
    const nowhere = await up.orrery("admin e2e --to=tcp://127.0.0.1:1", OWN);
    assert.deepEqual([nowhere.exit, /it is not known where users come in/.test(nowhere.err)], [2, true], nowhere.err);
  });
});
