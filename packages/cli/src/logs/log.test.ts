import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { buildScript } from "../testing/build-mechtron.ts";
import { curl } from "../testing/curl.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** Says in several ways what it is told, and in which life of its process. */
const SAYER = `
import { randomUUID } from "node:crypto";
import { defineComponent, defineService, json } from "@orrery/core";
const Sayer = defineService("test.sayer", { say: { request: json<{ word: string }>(), reply: json<object>() } });
const life = randomUUID();
export default defineComponent(Sayer, () => ({
  say: ({ word }, { log }) => {
    console.log("printed", word);
    log.debug("closely", { word });
    log.info("logged", { word });
    return { life };
  },
}));
`;
/** Asks the other. */
const ASKER = `
import { defineComponent, defineService, json } from "@orrery/core";
const Sayer = defineService("test.sayer", { say: { request: json<{ word: string }>(), reply: json<object>() } });
const Asker = defineService("test.asker", { ask: { request: json<{ word: string }>(), reply: json<object>() } });
export default defineComponent(Asker, () => ({ ask: (request, context) => context.client(Sayer).say(request) }));
`;
const MECHTRON = `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  services: { main: { who: (_request, { log }) => (log.debug("a guest, closely"), log.info("a guest"), {}) } },
});
`;

let up: TestUp;
before(async () => {
  up = await openTestUp();
  for (const space of ["demo.test", "rival.test"]) {
    await up.done(`create ${space}<Space>`);
    await up.done(`exec 'create ${space}:users<UserBase>; create ${space}:users:ann<User>'`);
    await up.done(`auth grant rs on ${space}:** to ${space}:users:ann`);
  }
  const folder = join(up.cwd, "app");
  mkdirSync(folder);
  const file =
    "components: { sayer: sayer.ts, asker: asker.ts }\nmechtrons: { main: main.js }\nroutes: [{ path: /say, service: test.sayer/say }]\n";
  for (const [path, text] of Object.entries({ "orrery.yaml": file, "sayer.ts": SAYER, "asker.ts": ASKER }))
    writeFileSync(join(folder, path), text);
  await buildScript(join(folder, "main.js"), MECHTRON);
  await up.done("run app --space=demo.test --wait");
  await up.done("auth grant execute on demo.test:app to anyone");
});
after(() => up?.[Symbol.asyncDispose]());

interface Line {
  readonly time: string;
  readonly level?: string;
  readonly address: string;
  readonly stream: string;
  readonly text: string;
  readonly method?: string;
  readonly messageId?: string;
  readonly span?: string;
  readonly trace?: string;
  readonly flow?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

const linesOf = (text: string) =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
const tail = async (words: string) => linesOf(await up.done(`log tail ${words} -n all --output=json`));

let words = 0;
/** Has a message handled that says a word of its own; gives that, and the life of who did. */
async function say(what: "sayer/say" | "asker/ask" = "sayer/say"): Promise<{ word: string; life: string }> {
  const word = `word${++words}`;
  const said = await up.done(`send demo.test:app test.${what} '{"word":"${word}"}'`);
  return { word, life: /[0-9a-f-]{36}/.exec(said)?.[0] ?? assert.fail(said) };
}

/** The lines of a message that says a word. */
async function linesAbout(word: string): Promise<readonly Line[]> {
  const all = await tail("demo.test:**");
  const own = new Set(all.filter(({ fields }) => fields?.["word"] === word).flatMap(({ flow = [] }) => flow));
  return all.filter((line) => own.has(line.flow ?? "") || line.text === `printed ${word}`);
}

/** Sends until what comes of it is so: a process learns of another level at once, yet not in the same moment. */
async function until(
  isSo: (texts: string) => boolean,
  what?: "sayer/say" | "asker/ask",
): Promise<{ readonly lines: readonly Line[]; readonly life: string; readonly word: string }> {
  for (const lastMs = performance.now() + 30_000; ; await setImmediate()) {
    const said = await say(what);
    const lines = await linesAbout(said.word);
    const texts = lines.map(({ text }) => text).join(", ");
    if (isSo(texts)) return { ...said, lines };
    assert.ok(performance.now() < lastMs, texts);
  }
}

/** What the one who asks the other logs of one message. */
async function textsOfAsker(): Promise<readonly string[]> {
  const before = (await tail("demo.test:app:asker")).length;
  await say("asker/ask");
  return (await tail("demo.test:app:asker")).slice(before).map(({ text }) => text);
}

describe("orrery log set", () => {
  it("has each message of what a pattern means make lines at debug with all ids, and is silent at off, in the same processes", async () => {
    const { life } = await until((texts) => !texts.includes("closely") && texts.includes("logged"));
    const set = await up.orrery("log set 'demo.test:app:**' debug");
    assert.match(set.out, /^Set debug on demo\.test:app:\*\* by demo\.test:log-[0-9a-f]{16} at revision \d+\n$/);
    assert.equal(set.err, "Next: orrery log tail 'demo.test:app:**' --follow\n");
    const { lines, word, ...debug } = await until((texts) => texts.includes("message handled"));
    assert.equal(debug.life, life);
    assert.deepEqual(lines.map(({ text, level }) => `${level} ${text}`).sort(), [
      "debug closely",
      "debug message handled",
      "info logged",
      `undefined printed ${word}`,
    ]);
    for (const line of lines.filter(({ level }) => level !== undefined)) {
      const { time, address, method, messageId = "", span = "", trace = "", flow } = line;
      assert.deepEqual([address, method], ["demo.test:app:sayer", "test.sayer.say"]);
      assert.match(messageId, /^.+\/\d+$/);
      assert.match(span, /^[0-9a-f]{16}$/);
      assert.match(trace, /^[0-9a-f]{32}$/);
      assert.match(`${time} ${flow}`, /^\d{4}-\d\d-\d\dT[\d:.]{12}Z \S+\/\d+$/);
    }
    assert.equal(new Set(lines.flatMap(({ messageId, span }) => (span ? `${messageId} ${span}` : []))).size, 1);
    const { fields = {} } = lines.find(({ text }) => text === "message handled") ?? {};
    assert.equal(fields["outcome"], "reply");
    assert.equal(typeof fields["durationMs"], "number");
    await up.done("log set 'demo.test:app:**' off");
    const off = await until((texts) => /^printed \w+$/.test(texts));
    assert.equal(off.life, life);
    assert.deepEqual((await linesAbout((await say()).word)).length, 1); // What a program prints by itself is kept.
    await up.done("log set 'demo.test:app:**' default");
    assert.equal((await until((texts) => texts.includes("logged"))).life, life);
  });

  it("joins the lines of one flow over components, and has the most special pattern count", async () => {
    await up.done("log set demo.test:** warn");
    await up.done("log set demo.test:app debug");
    await until((texts) => texts.includes("message sent") && texts.includes("message handled"), "asker/ask");
    const { lines } = await until((texts) => texts.split("message handled").length === 3, "asker/ask");
    const told = lines.filter(({ text }) => text.startsWith("message "));
    assert.deepEqual(told.map(({ text, address }) => `${address} ${text}`).sort(), [
      "demo.test:app:asker message handled",
      "demo.test:app:asker message sent",
      "demo.test:app:sayer message handled",
    ]);
    const [trace, ...others] = [...new Set(told.map((line) => line.trace))];
    assert.ok(trace !== undefined && others.length === 0, JSON.stringify(told));
    const [sent, handled] = ["asker message sent", "sayer message handled"].map((end) =>
      told.find(({ text, address }) => `${address} ${text}`.endsWith(end)),
    );
    assert.equal(sent?.messageId, handled?.messageId);
    assert.notEqual(sent?.span, handled?.span);
    await up.done("log set demo.test:app:sayer error");
    await until((texts) => /^printed \w+$/.test(texts), "asker/ask");
    assert.deepEqual(await textsOfAsker(), ["message sent", "message handled"]);
  });

  it("counts for mechtrons", async () => {
    const ask = async () => {
      const before = (await tail("demo.test:app:main")).length;
      await up.done("send demo.test:app:main who '{}'");
      return (await tail("demo.test:app:main")).slice(before);
    };
    await up.done("log set demo.test:app:main debug");
    const lines = await ask();
    const told = (some: readonly Line[]) => some.map(({ level, text, address }) => `${address} ${level} ${text}`);
    assert.deepEqual(told(lines), [
      "demo.test:app:main debug a guest, closely",
      "demo.test:app:main info a guest",
      "demo.test:app:main debug message handled",
    ]);
    const ids = lines.map(({ messageId, span, trace, flow, method }) =>
      [messageId, span, trace, flow, method].join(" "),
    );
    assert.equal(new Set(ids).size, 1);
    assert.match(ids[0] ?? "", /^orrery\.mechtrons\/\d+ [0-9a-f]{16} [0-9a-f]{32} \S+\/\d+ main\.who$/);
    await up.done("log set demo.test:app:main info");
    assert.deepEqual(told(await ask()), ["demo.test:app:main info a guest"]);
    await up.done("log set demo.test:app:main off");
    assert.deepEqual(await ask(), []);
  });

  it("counts for what comes later", async () => {
    await up.done("log set demo.test:later:sayer debug");
    await up.done("run app --name=later --space=demo.test --wait");
    await up.done('send demo.test:later test.sayer/say \'{"word":"first"}\'');
    const lines = await tail("demo.test:later:sayer --level=debug --stream=stderr");
    assert.ok(
      lines.some(({ text, level }) => text === "closely" && level === "debug"),
      JSON.stringify(lines),
    );
    await up.done("kill demo.test:later --wait");
  });

  it("has each request that leads to an app make a line at debug, and none else", async () => {
    const ofRequests = () => tail("demo.test:app --stream=platform --level=debug");
    const requests = async () => (await ofRequests()).filter(({ text }) => text === "request answered");
    const ask = async () => {
      const type = ["-H", "Content-Type: application/json", "-d", '{"word":"by the web"}'];
      assert.equal((await curl(`${up.web}/say`, "demo.test", type)).status, 200);
    };
    await ask();
    // It is written once the answer has left, and so a moment after it was read.
    for (const lastMs = performance.now() + 30_000; (await requests()).length === 0; await setImmediate())
      assert.ok(performance.now() < lastMs);
    const [line, ...others] = await requests();
    assert.deepEqual([line?.level, line?.address, others], ["debug", "demo.test:app", []]);
    const { durationMs, ...fields } = line?.fields ?? {};
    assert.deepEqual([fields, typeof durationMs], [{ request: "POST /say", status: 200 }, "number"]);
    await up.done("log set demo.test:app info");
    await ask();
    assert.equal((await requests()).length, 1);
    await up.done("log set demo.test:app debug");
  });

  it("lists what is set, and takes it away", async () => {
    const listed = await up.done("log ls --space=demo.test");
    assert.match(listed, /^demo\.test:\*\* +warn\ndemo\.test:app +debug\n(.+\n)*demo\.test:later:sayer +debug\n$/);
    const json = JSON.parse(await up.done("log ls --output=json")) as readonly { readonly properties: object }[];
    assert.deepEqual(json[0]?.properties, { pattern: "demo.test:**", level: "warn" });
    assert.match(
      await up.done("log unset demo.test:**"),
      /^Set nothing on demo\.test:\*\* any more by removing demo\.test:log-/,
    );
    const { exit, err } = await up.orrery("log unset demo.test:**");
    assert.equal(exit, 4);
    assert.match(
      err,
      /^Cannot unset the log level of "demo\.test:\*\*"\n +none is set on it\nTry: orrery log ls --space=demo\.test\n$/,
    );
  });

  for (const [words, exit, text] of [
    ["demo.test:**:app debug", 2, '"**" stands at the end only: write "*" for one step'],
    [
      "'demo.test:a b' debug",
      2,
      '"a b" is no step of an address, write one such as demo.test:app:greeter, or demo.test:app:**',
    ],
    ["'*:app' debug", 2, "begin with one such as demo.test"],
    ["demo.test:app loud", 2, "write debug, info, warn, error, off or default"],
    ["nobody.test:app debug", 4, 'its parent "nobody.test" is missing'],
  ] as const)
    it(`refuses ${words}`, async () => {
      const said = await up.orrery(`log set ${words}`);
      assert.ok(said.exit === exit && said.err.includes(text), `${said.exit}: ${said.err}`);
    });

  it("is for who may write there, and counts in no other space", async () => {
    const stranger = "--agent=rival.test:users:ann";
    const there = await up.orrery(`log set demo.test:app debug ${stranger}`);
    const none = await up.orrery(`log set nowhere.test:app debug ${stranger}`);
    assert.deepEqual([there.exit, there.out], [3, ""], there.err);
    const unnamed = (text: string) => text.replaceAll("demo.test", "nowhere.test").replace(/log-\w+/g, "");
    assert.equal(unnamed(there.err), unnamed(none.err));
    assert.equal((await up.orrery(`log unset demo.test:app ${stranger}`)).exit, 3);
    assert.equal((await up.orrery("log set demo.test:app debug --agent=demo.test:users:ann")).exit, 3); // Who may read it, no more.
    await up.done("auth grant w on 'demo.test:*<LogLevel>' to demo.test:users:ann");
    await up.done("log set demo.test:app:sayer off --agent=demo.test:users:ann");
    await up.done("create 'rival.test:sly<LogLevel>{ +pattern=demo.test:app:**, +level=off }'");
    assert.deepEqual(await textsOfAsker(), ["message sent", "message handled"]);
    assert.match(
      await up.done("log ls --space=rival.test"),
      /^demo\.test:app:\*\* +off +Panic: it counts in its own space alone: have its pattern begin with rival\.test\n$/,
    );
  });
});

describe("orrery log tail", () => {
  it("prints the lines of several apps in the order of their times, from a level on", async () => {
    await up.done("run app --name=twin --space=demo.test --wait");
    for (const app of ["twin", "app", "twin"]) await up.done(`send demo.test:${app} test.sayer/say '{"word":"both"}'`);
    const all = await tail("demo.test:*");
    const times = all.map(({ time }) => time);
    assert.deepEqual(times, times.toSorted());
    const said = all.filter(({ text }) => text === "printed both").map(({ address }) => address);
    assert.deepEqual(said, ["demo.test:twin:sayer", "demo.test:app:sayer", "demo.test:twin:sayer"]);
    const strong = await tail("demo.test:** --level=warn");
    assert.deepEqual(
      strong.filter(({ level }) => level !== "warn" && level !== "error"),
      [],
    );
    assert.match(
      await up.done("log tail demo.test:twin:sayer -n 2"),
      /^\d{4}-\d\d-\d\d [\d:.]{12} demo\.test:twin sayer-0: printed both\n\S+ \S+ demo\.test:twin sayer-0 stderr: INFO logged method=\S+ flow=\S+ word=both\n$/,
    );
  });

  it("follows what comes, also of apps that come later", async () => {
    let stop = () => {};
    let seen = "";
    const following = up.orrery("log tail 'demo.test:**' -n 0 --follow --output=json", {
      onListening: (interrupt) => {
        stop = interrupt;
      },
      onWrite: (text) => {
        seen += text;
        if (seen.includes("printed both") && seen.includes("printed late")) stop();
      },
    });
    await up.done('send demo.test:twin test.sayer/say \'{"word":"both"}\'');
    await up.done("run app --name=late --space=demo.test --wait");
    await up.done('send demo.test:late test.sayer/say \'{"word":"late"}\'');
    const { exit, out, err } = await following;
    assert.equal(exit, 0, err);
    assert.match(
      err,
      /Following demo\.test:app, demo\.test:twin\nFollowing demo\.test:app, demo\.test:late, demo\.test:twin\n/,
    );
    const texts = linesOf(out).map(({ text, address }) => `${address} ${text}`);
    assert.ok(
      texts.includes("demo.test:twin:sayer printed both") && texts.includes("demo.test:late:sayer printed late"),
    );
  });

  it("shows nobody what he may not read, and says so alike", async () => {
    const stranger = "--agent=rival.test:users:ann";
    const there = await up.orrery(`log tail 'demo.test:app:**' ${stranger}`);
    const none = await up.orrery(`log tail 'nowhere.test:app:**' ${stranger}`);
    assert.deepEqual([there.exit, there.out], [3, ""], there.err);
    assert.equal(there.err.replaceAll("demo.test", "nowhere.test"), none.err);
    assert.equal((await up.orrery(`log tail '**' ${stranger}`)).exit, 4);
    assert.equal((await up.orrery("log tail demo.test:app -n 1 --agent=demo.test:users:ann")).exit, 0);
  });
});
