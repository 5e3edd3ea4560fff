import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileOf, outputOf, readGuide } from "./testing/guide.ts";
import { runStep } from "./testing/run-step.ts";
import { createTwoHosts } from "./testing/two-hosts.ts";

const guide = readGuide();
const hosts = createTwoHosts(`orrery-ladder-${process.pid}`);
after(() => hosts.remove());

test("ladder has five steps", () => {
  assert.deepEqual(
    guide.map(({ title }) => title),
    ["1. Function", "2. Development", "3. Processes", "4. Hosts", "5. Networks"],
  );
});

for (const file of guide.flatMap(({ blocks }) => blocks.flatMap((block) => fileOf(block) ?? [])))
  test(`ladder shows ${file.name} as it is`, () => {
    const text = readFileSync(new URL(file.name, import.meta.url), "utf8");
    assert.equal(text.replace(/^#.*\n/, ""), file.text.replace(/^\n/, ""));
  });

for (const step of guide.slice(0, 4))
  test(`ladder step "${step.title}" prints what the guide says (${hosts.kind})`, async () => {
    assert.equal(await runStep(step, hosts), outputOf(step));
  });
