import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { COMMANDS } from "./commands.ts";
import { GROUPS } from "./groups.ts";
import { type } from "./testing/memory-terminal.ts";

const empty = mkdtempSync(join(tmpdir(), "orrery-main-"));
after(() => rmSync(empty, { recursive: true }));
writeFileSync(join(empty, "package.json"), "{}");
writeFileSync(join(empty, "bad.directory"), "weather\nweather nowhere\n");

describe("main", () => {
  for (const words of [[], ["--help"], ["-h"], ["help"]]) {
    it(`lists the commands for ${JSON.stringify(words)}`, async () => {
      const { exit, out, err } = await type(words);
      assert.equal(exit, 0);
      assert.equal(err, "");
      const single = COMMANDS.filter(({ name }) => !name.includes(" "));
      for (const { name, summary } of [...single, ...GROUPS])
        assert.match(out, new RegExp(`^ {2}${name} +${summary}$`, "m"));
    });
  }

  for (const { name, examples, flags } of COMMANDS) {
    it(`tells flags and examples of ${name}`, async () => {
      const { exit, out } = await type([...name.split(" "), "--help"]);
      assert.equal(exit, 0);
      for (const { words } of examples) assert.ok(out.includes(`orrery ${words}`), words);
      for (const flag of flags) assert.ok(out.includes(`--${flag.name}`), flag.name);
      assert.equal((await type(["help", ...name.split(" ")])).out, out);
    });
  }

  for (const group of GROUPS) {
    it(`lists the commands of ${group.name}`, async () => {
      const { exit, out } = await type(group.usual === undefined ? [group.name] : [group.name, "--help"]);
      assert.equal(exit, 0);
      const own = COMMANDS.filter(({ name }) => name.startsWith(`${group.name} `));
      for (const { name, summary } of own)
        assert.match(out, new RegExp(`^ {2}${name.slice(group.name.length + 1)} +${summary}$`, "m"));
      for (const words of [
        [group.name, "-h"],
        ["help", group.name],
      ])
        assert.equal((await type(words)).out, out);
    });
  }

  it("prints versions", async () => {
    assert.match((await type(["--version"])).out, /^orrery \d+\.\d+\.\d+, Node \d+\.\d+\.\d+\n$/);
    assert.deepEqual(Object.keys(JSON.parse((await type(["version", "--output=json"])).out)), ["orrery", "node"]);
  });
});

describe("orrery completion", () => {
  const complete = async (line: string) => (await type(["completion", "--"], { env: { COMP_LINE: line } })).out;

  it("prints the line for bash", async () => {
    assert.equal((await type(["completion"])).out, "complete -o default -C 'orrery completion --' orrery\n");
  });

  it("completes commands and flags", async () => {
    assert.equal(await complete("orrery ser"), "services\n");
    assert.equal(await complete("orrery run --is"), "--isolate\n");
    assert.equal(await complete("orrery sim ex"), "explore\n");
    assert.equal(await complete("orrery run --isolate p"), "process\n");
    assert.equal(await complete("orrery xyz"), "");
  });
});

/** What was typed, the exit code, and what is said. */
const REFUSED: readonly (readonly [string, number, string])[] = [
  ["rnu components", 2, 'Cannot run "rnu"\n  there is no such command, did you mean "run"?\nTry: orrery --help\n'],
  [
    "weather today",
    2,
    'Cannot run "weather"\n  there is no such command, and nothing runs here that could be a service\nTry: orrery --help\n',
  ],
  [
    "call weather today",
    4,
    "Cannot reach any component\n  nothing runs in this project\nTry: orrery run FILE, or name a place with --address, --directory or --with\n",
  ],
  ["call", 2, "Cannot call\n  no service is named, write orrery call SERVICE METHOD\n"],
  ["run", 2, "Cannot run the command\n  it needs FILE-or-DIR…, and nothing was given\n"],
  ["run a.ts --lisen=x", 2, 'Cannot read flag --lisen\n  there is no such flag here, did you mean "--listen"?\n'],
  [
    "cp a demo.test:f:/a --recursive",
    2,
    "Cannot read flag --recursive\n  there is no such flag here, orrery rm has it\n",
  ],
  ["run a.ts --listen", 2, "Cannot read flag --listen\n  it needs a value, write --listen=ADDRESS\n"],
  ["run a.ts --listen=", 2, "Cannot read flag --listen\n  it needs a value, write --listen=ADDRESS\n"],
  ["run a.ts --watch=yes", 2, "Cannot read flag --watch\n  it takes no value, write --watch alone\n"],
  [
    "run a.ts --isolate=fiber",
    2,
    'Cannot read flag --isolate\n  "fiber" is none of its values, write none, process, thread\n',
  ],
  ["run a.ts --log=text --log=json", 2, "Cannot read flag --log\n  it is given twice\n"],
  ["run a.ts --http=abc", 2, 'Cannot read flag --http\n  "abc" is no port, write a whole number from 0 to 65535\n'],
  ["run a.ts --http 65536", 2, 'Cannot read flag --http\n  "65536" is no port, write a whole number from 0 to 65535\n'],
  [
    "run a.ts --no-listen --http",
    2,
    "Cannot run with --no-listen and --http\n  without sockets there is none of that\n",
  ],
  ["run a.ts --instances=x", 2, 'Cannot read flag --instances\n  "x" is not NAME=COUNT with a count from 1 to 1024\n'],
  ["run a.ts --instances=x=2 --instances=x=3", 2, 'Cannot read flag --instances\n  "x" is there twice\n'],
  ["run nowhere.ts", 4, `Cannot run "nowhere.ts"\n  there is no such file or folder in "${empty}"\n`],
  ["new", 2, "Cannot run the command\n  it needs NAME, and nothing was given\n"],
  ["new a b", 2, 'Cannot read "b"\n  the command takes one word besides its flags\n'],
  [
    "new ../a",
    2,
    'Cannot make project "../a"\n  a name is no path, change to the folder that shall hold it and give the name alone\n',
  ],
  ["services extra", 2, 'Cannot read "extra"\n  the command takes no words besides its flags\n'],
  ["generate nowhere", 4, 'Cannot generate from "nowhere"\n  there is no such folder\n'],
  ["inspect nowhere", 4, 'Cannot inspect "nowhere"\n  there is no such file\n'],
  [
    "inspect package.json",
    1,
    'Cannot read the capture\n  it does not begin with "orrery capture 1", give a file that was captured\n',
  ],
  [
    "services --directory=bad.directory",
    1,
    `${join(empty, "bad.directory")}:1: Cannot read component "weather": it has no address, write one such as tcp://127.0.0.1:7101\n${join(empty, "bad.directory")}:2: Cannot read address "nowhere": write scheme://place, such as tcp://127.0.0.1:7101\n`,
  ],
  [
    "services --address=tcp://127.0.0.1:1 --with=a.ts",
    2,
    "Cannot reach components by --address and another way\n  name one way\n",
  ],
];

describe("main", () => {
  for (const [line, exit, text] of REFUSED) {
    it(`refuses "${line}"`, async () => {
      const typed = await type(line.split(" "), { cwd: empty });
      assert.equal(typed.err, text);
      assert.equal(typed.exit, exit);
      assert.equal(typed.out, "");
    });
  }

  it("writes an error as one line of JSON where that is wanted", async () => {
    const { err, exit } = await type(["call", "weather", "today", "--output=json"], { cwd: empty });
    assert.equal(exit, 4);
    assert.deepEqual(JSON.parse(err), {
      error: {
        message: "Cannot reach any component: nothing runs in this project",
        exit: 4,
        code: "unknown",
        try: "orrery run FILE, or name a place with --address, --directory or --with",
      },
    });
  });

  it("prints where an error came from with --debug alone", async () => {
    const words = ["run", "nowhere.ts"];
    assert.doesNotMatch((await type(words, { cwd: empty })).err, /\bat \w/);
    assert.match((await type([...words, "--debug"], { cwd: empty })).err, /OrreryError: Cannot run.*\n(.*\n)*? {4}at /);
  });
});
