import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { TypeOptions } from "../testing/memory-terminal.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  await up.done("exec 'create demo.test<Space>; create demo.test:news<Broadcast>; create demo.test:docs<Base>'");
});
after(() => up[Symbol.asyncDispose]());

/** Watches, from when it has begun. */
async function watching(line: string, options: TypeOptions = {}) {
  const begun = Promise.withResolvers<void>();
  let interrupt = () => {};
  const ended = up.orrery(line, {
    ...options,
    onSay: (said) => said.startsWith("Watching the messages of ") && begun.resolve(),
    onListening: (ask) => {
      interrupt = ask;
    },
  });
  await Promise.race([begun.promise, ended.then(({ err }) => assert.fail(err))]);
  return { ended, interrupt: () => interrupt() };
}

/** Lines of JSON without the time. */
function linesOf(out: string): readonly object[] {
  const lines = out.trim().split("\n");
  return lines.map((line) => {
    const { at, ...rest } = JSON.parse(line) as { at: number };
    assert.equal(Math.abs(at - Date.now()) < 600_000, true);
    return rest;
  });
}

const message = (of: object) => ({
  event: "message",
  agent: "operator",
  address: "demo.test:news",
  method: "Say",
  ...of,
});

describe("orrery send, to a Broadcast", () => {
  it("comes to all who watch, and says to how many; one that leaves is no error", async () => {
    const three = await Promise.all([1, 2, 3].map(() => watching("watch demo.test:news --count=2")));
    assert.equal(await up.done("send demo.test:news Say hi"), '{"watchers":3,"relayed":3,"missed":0}\n');
    three[0]?.interrupt();
    const left = await three[0]?.ended;
    assert.deepEqual([left?.exit, linesOf(left?.out ?? "")], [0, [message({ message: "hi" })]]);
    assert.equal(
      await up.done(`send demo.test:news Say '{"text":"hi","n":[1,null]}'`),
      '{"watchers":2,"relayed":2,"missed":0}\n',
    );
    for (const one of three.slice(1)) {
      const { exit, out } = await one.ended;
      const said = [message({ message: "hi" }), message({ message: { text: "hi", n: [1, null] } })];
      assert.deepEqual([exit, linesOf(out)], [0, said]);
    }
  });

  it("is well where nobody watches", async () => {
    assert.equal(await up.done("send demo.test:news Say hi"), '{"watchers":0,"relayed":0,"missed":0}\n');
    assert.equal(await up.done("exec 'send demo.test:news Ping'"), '{"watchers":0,"relayed":0,"missed":0}\n');
  });

  it("is for those who may execute it, and watching for those who may read it", async () => {
    const refused = async (line: string) => {
      const { exit, err } = await up.orrery(line);
      return `${err}[${exit}]`;
    };
    await up.done("auth grant r on demo.test:news to ann");
    assert.match(
      await refused("send demo.test:news Say hi --agent=ann"),
      /no rule lets ann execute demo.test:news.*as ann\)\nTry: .*\[3\]$/s,
    );
    assert.match(await refused("watch demo.test:news --agent=eve"), /no rule lets eve read demo.test:news.*\[3\]$/s);
    assert.match(await refused("send demo.test:docs Say hi"), /kinds that do are App, Broadcast.*\n\[1\]$/);
    assert.match(await refused(`send demo.test:news Say '{"n":'`), /Cannot read the message .*\[2\]$/s);
  });
});

describe("orrery watch, of a Broadcast", () => {
  it("prints a line for each message on a terminal", async () => {
    const terminal = { isScreen: true, env: { NO_COLOR: "1" } };
    const watcher = await watching("watch demo.test:news --count=3", terminal);
    for (const words of ["Say hi", "Ping", `Say '{"n":1}'`]) await up.done(`send demo.test:news ${words}`);
    const { out } = await watcher.ended;
    const lines = ["TIME  operator  Say  hi", "TIME  operator  Ping", 'TIME  operator  Say  {"n":1}'];
    assert.equal(out.replace(/^\d\d:\d\d:\d\d/gm, "TIME"), `${lines.join("\n")}\n`);
  });

  it("ends when it is removed, and shows what was changed of it with --after", async () => {
    await up.done("create 'demo.test:short<Broadcast>'");
    const watcher = await watching("watch demo.test:short");
    await up.done("rm demo.test:short");
    const { exit, out } = await watcher.ended;
    assert.deepEqual([exit, out], [0, ""]);
    const lines = (await up.done("watch demo.test:short --after=0")).trim().split("\n");
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
    assert.deepEqual([events[0], events.at(-1)], ["add", "remove"]);
  });
});
