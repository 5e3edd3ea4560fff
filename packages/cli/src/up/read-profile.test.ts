import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type } from "../testing/memory-terminal.ts";
import { PROFILES_FILE } from "./read-profile.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-profiles-"));
after(() => rmSync(cwd, { recursive: true, force: true }));

const up = (words: string) => type(["up", ...words.split(" ")], { cwd, env: { HOME: cwd } });
const write = (text: string) => writeFileSync(join(cwd, PROFILES_FILE), text);

describe("orrery up --profile", () => {
  it("takes flags from the file, by which typed ones count first", async () => {
    write("profiles:\n  lab: { database: pglite, signup: nobody, isolation: tent }\n");
    const profile = await up("--profile=lab --isolation=none");
    assert.deepEqual([profile.exit, /"nobody" is nobody who may sign up/.test(profile.err)], [2, true], profile.err);
    const typed = await up("--profile=lab --signup=open");
    assert.match(typed.err, /"tent" is no isolation/);
  });

  it("takes numbers, and lists of flags that may be repeated", async () => {
    write("profiles:\n  lab: { port: 70000, allow-upstream: ['127.0.0.1:9000'] }\n");
    assert.match((await up("--profile=lab --isolation=none")).err, /70000/);
  });

  for (const [what, text, line, why] of [
    [
      "a profile that there is not",
      "profiles: { lab: {} }",
      "--profile=lap",
      /has none of that name, did you mean "lab"\?/,
    ],
    [
      "a name that is no flag",
      "profiles:\n  lab: { databse: pglite }",
      "--profile=lab",
      /orrery\.profiles\.yaml:2:\d+.*databse/s,
    ],
    [
      "a list where one is meant",
      "profiles:\n  lab: { data: [a, b] }",
      "--profile=lab",
      /orrery\.profiles\.yaml:2:\d+.*data/s,
    ],
  ] as const)
    it(`refuses ${what}, and starts nothing`, async () => {
      write(text);
      const { exit, err } = await up(line);
      assert.notEqual(exit, 0);
      assert.match(err, why);
    });

  it("says where it looked for a file that is not there", async () => {
    rmSync(join(cwd, PROFILES_FILE), { force: true });
    const { exit, err } = await up("--profile=lab");
    assert.deepEqual([exit, /Cannot read orrery\.profiles\.yaml for --profile/.test(err)], [4, true], err);
  });
});
