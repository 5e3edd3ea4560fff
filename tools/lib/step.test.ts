import assert from "node:assert/strict";
import { test } from "node:test";
import { runSteps } from "./step.ts";

test("runSteps names the steps that fail or throw, in their order, and runs them all", async () => {
  const ran: string[] = [];
  const step = (name: string, code: number) => ({
    name,
    run: () => {
      ran.push(name);
      return { code, output: "" };
    },
  });
  const thrower = { name: "throws", run: () => Promise.reject(new Error("expected by this test")) };
  assert.deepEqual(await runSteps([thrower, step("good", 0), step("bad", 2), step("also good", 0)]), ["throws", "bad"]);
  assert.deepEqual(ran, ["good", "bad", "also good"]);
});
