import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callCommand } from "./commands/call.ts";
import { runCommand } from "./commands/run.ts";
import { splitWords } from "./split-words.ts";

const split = (line: string, command = callCommand) => splitWords(line.split(" "), command);

describe("splitWords", () => {
  it("tells own flags from fields, wherever they stand", () => {
    assert.deepEqual(split("greeter --timeout 5s hello --name=x --output=json --loud"), {
      own: ["--timeout=5s", "--output=json"],
      rest: ["greeter", "hello", "--name=x", "--loud"],
      behind: [],
      isHelp: false,
    });
  });

  it("takes nothing behind -- for a flag of its own", () => {
    const { own, rest, behind } = split("greeter hello --debug -- --timeout=5s --help");
    assert.deepEqual([own, rest, behind], [["--debug"], ["greeter", "hello"], ["--timeout=5s", "--help"]]);
  });

  it("takes --json for --output=json, but where it may be a field or stands behind --", () => {
    assert.deepEqual(split("a.ts --json", runCommand).own, ["--output=json"]);
    assert.deepEqual(split("a.ts -- --json", runCommand).behind, ["--json"]);
    assert.deepEqual(split("greeter hello --json").rest, ["greeter", "hello", "--json"]);
  });

  it("sees that help is wanted", () => {
    assert.equal(split("greeter hello -h").isHelp, true);
  });

  for (const [line, own, rest] of [
    ["a.ts --http", ["--http=0"], ["a.ts"]],
    ["--http a.ts", ["--http=0"], ["a.ts"]],
    ["--http 8080 a.ts", ["--http=8080"], ["a.ts"]],
    ["--http=8080 a.ts", ["--http=8080"], ["a.ts"]],
    ["--instances a=2 --instances=b=3", ["--instances=a=2", "--instances=b=3"], []],
  ] as const) {
    it(`reads "${line}"`, () => {
      const typed = split(line, runCommand);
      assert.deepEqual([typed.own, typed.rest], [own, rest]);
    });
  }
});
