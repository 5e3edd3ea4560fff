import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { codeOf, commandsOf, GUIDE, readExample, runCommand } from "./testing/guide.ts";

const guide = readFileSync(GUIDE, "utf8");

test("the guide has eight steps, three of them with a command", () => {
  assert.equal(guide.match(/^## \d\. /gm)?.length, 8);
  assert.equal(commandsOf(guide).length, 3);
});

for (const { name, isWhole, text } of codeOf(guide))
  test(`the guide shows ${name} as it is${isWhole ? "" : `: ${text.split("\n")[0]}`}`, () => {
    if (isWhole) assert.equal(readExample(name), text);
    else for (const part of text.split("\n\n")) assert.ok(readExample(name).includes(part.trimEnd()), part);
  });

for (const { command, output } of commandsOf(guide))
  test(`${command} prints what the guide says`, () => {
    assert.equal(runCommand(command), output);
  });
