import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  for (const space of ["demo.test", "rival.test"]) {
    await up.done(`create ${space}<Space>`);
    await up.done(`exec 'create ${space}:users<UserBase>; create ${space}:users:ann<User>'`);
    await up.done(`auth grant read on ${space}:** to ${space}:users:ann`);
  }
  for (const space of ["demo.test", "rival.test"]) {
    write("shop", { "orrery.yaml": "components: { sayer: sayer.ts }\n", "sayer.ts": SAYER(space) });
    await up.done(`run shop --space=${space} --wait`);
  }
});
after(() => up?.[Symbol.asyncDispose]());

/** Says in several ways what it is told, and dies of one word. */
const SAYER = (space: string) => `
import { defineComponent, defineService, json } from "@orrery/core";
const Sayer = defineService("test.sayer", { say: { request: json<{ word: string }>(), reply: json<object>() } });
console.log("begins in ${space}");
export default defineComponent(Sayer, () => ({
  say: ({ word }, { log }) => {
    console.log("out", word);
    console.error("err", word);
    log.warn("logged", { word, password: "hidden" });
    if (word === "die") process.exit(3);
    return {};
  },
}));
`;

function write(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(up.cwd, folder), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(up.cwd, folder, path), text);
}

const say = (word: string) => up.orrery(`send demo.test:shop test.sayer/say '{"word":"${word}"}'`);
const lines = (text: string) => text.trimEnd().split("\n");

interface JsonLine {
  readonly number: number;
  readonly time: string;
  readonly stream: string;
  readonly instance?: string;
  readonly text: string;
  readonly level?: string;
  readonly method?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

async function logged(flags = ""): Promise<readonly JsonLine[]> {
  const text = await up.done(`logs demo.test:shop --output=json --lines=all ${flags}`);
  return text === "" ? [] : lines(text).map((line) => JSON.parse(line) as JsonLine);
}

describe("orrery logs", () => {
  it("prints what processes print, with time and stream, in lines and as JSON, and masks what may be a secret", async () => {
    await say("hello");
    const all = await logged();
    const mine = all.filter(({ instance }) => instance === "sayer-0");
    const shown = mine.map(({ stream, text }) => `${stream} ${text}`);
    assert.deepEqual(
      shown.filter((one) => !one.startsWith("platform")),
      ["stdout begins in demo.test", "stdout out hello", "stderr err hello", "stderr logged"],
    );
    const { level, method, fields } = all.find(({ text }) => text === "logged") ?? {};
    assert.deepEqual([level, method, fields], ["warn", "test.sayer.say", { word: "hello", password: "[redacted]" }]);
    for (const { time } of all) assert.ok(Math.abs(Date.now() - Date.parse(time)) < 600_000, time);
    assert.match(
      await up.done("logs shop --space=demo.test -n 2"),
      /^\d{4}-\d\d-\d\d [\d:.]{12} sayer-0 stderr: err hello\n\S+ \S+ sayer-0 stderr: WARN logged method=test.sayer.say .*word=hello password=\[redacted\]\n$/,
    );
  });

  it("prints so many lines, since a time, of an instance and of streams", async () => {
    const all = await logged();
    assert.equal(lines(await up.done("logs demo.test:shop -n 3")).length, 3);
    assert.deepEqual(await logged(`--since=${all[2]?.time}`).then(([first]) => first?.time), all[2]?.time);
    assert.deepEqual(await logged("--since=2100-01-01T00:00:00Z"), []);
    assert.deepEqual(await logged(`--after=${all.at(-2)?.number}`), all.slice(-1));
    const phases = await logged("--stream=build");
    assert.equal(phases.at(-1)?.text, "is running");
    assert.deepEqual(
      [...new Set((await logged("--instance=sayer --stream=stdout")).map(({ instance }) => instance))],
      ["sayer-0"],
    );
    assert.equal((await up.orrery("logs demo.test:shop -n some")).exit, 2);
    assert.equal((await up.orrery("logs demo.test:shop --since=yesterday")).exit, 2);
  });

  it("shows each tenant the lines of its own app alone, although both have one name", async () => {
    const own = (space: string) => up.orrery(`logs ${space}:shop -n all --agent=${space}:users:ann`);
    for (const [space, other] of [
      ["demo.test", "rival.test"],
      ["rival.test", "demo.test"],
    ]) {
      const { exit, out, err } = await own(space ?? "");
      assert.equal(exit, 0, err);
      assert.match(out, new RegExp(`begins in ${space}`));
      assert.doesNotMatch(out, new RegExp(String(other)));
      const words = `--agent=${space}:users:ann`;
      const theirs = await up.orrery(`logs ${other}:shop ${words}`);
      const none = await up.orrery(`logs ${other}:none ${words}`);
      assert.deepEqual([theirs.exit, none.exit, theirs.out], [3, 3, ""], theirs.err);
      assert.equal(theirs.err.replaceAll("shop", "none"), none.err);
    }
  });

  it("follows what comes, over the death of a process, and says how it ended", async () => {
    let stop = () => {};
    let seen = "";
    const following = up.orrery("logs demo.test:shop -n 0 -f", {
      onListening: (interrupt) => {
        stop = interrupt;
      },
      onWrite: (text) => {
        seen += text;
        if (seen.includes("sayer-0 platform: ready")) stop();
      },
    });
    await say("die");
    const { exit, out, err } = await following;
    assert.equal(exit, 0, err);
    const places = [
      "out die",
      "err die",
      "sayer-0 platform: ended: it exited with code 3",
      "begins in demo.test",
      "platform: ready",
    ];
    assert.deepEqual(
      places.map((text) => out.includes(text)),
      places.map(() => true),
      out,
    );
  });

  it("keeps how a build went, with file and line of what is wrong", async () => {
    write("shop", { "sayer.ts": `${SAYER("demo.test")}\nconst count: number = "three";\n` });
    assert.equal((await up.orrery("update shop --space=demo.test --wait")).exit, 1);
    const text = await up.done("logs demo.test:shop --stream=build");
    assert.match(text, / build: is building\n(.*\n)*\S+ \S+ build: is error: .*\n\S+ \S+ build: sayer\.ts:15:7/, text);
  });

  it("is gone with the app, and there is nothing of it in one of the same name", async () => {
    await up.done("kill demo.test:shop --wait");
    assert.equal((await up.orrery("logs demo.test:shop")).exit, 4);
    write("shop", { "sayer.ts": SAYER("another") });
    await up.done("run shop --space=demo.test --wait");
    const all = await logged();
    assert.ok(all.some(({ text }) => text === "begins in another"));
    assert.ok(!all.some(({ text }) => /hello|begins in demo/.test(text)), JSON.stringify(all));
  });
});
