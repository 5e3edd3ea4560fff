import assert from "node:assert/strict";
import { test } from "node:test";
import { ENGINES, whyNot } from "../testing/e2e/engines.ts";
import { runE2e } from "../testing/e2e/run-e2e.ts";

const why = ENGINES.flatMap((engine) => whyNot(engine) ?? [])[0] ?? false;

test("npm run e2e lives the story of two tenants over a PostgreSQL and a NATS of their own", {
  skip: why,
}, async () => {
  const said: string[] = [];
  const { exit, out } = await runE2e({
    engines: ENGINES,
    words: ["--output=json"],
    onSay: (text) => void said.push(text),
  });
  assert.equal(exit, 0, `${out}\n${said.join("")}`);
  const { ok, steps } = JSON.parse(out) as {
    readonly ok: boolean;
    readonly steps: readonly { readonly step: string }[];
  };
  assert.deepEqual([ok, steps.some(({ step }) => step === "config, store and events")], [true, true]);
});
