import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

describe("orrery broker", () => {
  let up: TestUp;
  before(async () => {
    up = await openTestUp();
    for (const space of ["demo.test", "other.test"]) await up.done(`create '${space}<Space>'`);
  });
  after(() => up?.[Symbol.asyncDispose]());

  /** Subscribes; gives what ends it, once it has begun. */
  async function subscribe(line: string) {
    const begun = Promise.withResolvers<void>();
    let end = () => {};
    const typed = up.orrery(`broker subscribe ${line}`, {
      onSay: () => begun.resolve(),
      onListening: (interrupt) => {
        end = interrupt;
      },
    });
    await Promise.race([begun.promise, typed]);
    return {
      messages: typed.then(({ out, exit }) => {
        assert.equal(exit, 0);
        const lines = out.split("\n").filter((row) => row !== "");
        return lines.map((row) => (JSON.parse(row) as { readonly message: unknown }).message);
      }),
      end: () => end(),
    };
  }

  it("has two of a queue share what is published, two outside each get all, and another space nothing", async () => {
    const all = await Promise.all([1, 2].map(() => subscribe("alarms --count=6 --space=demo.test")));
    const sharing = await Promise.all([1, 2].map(() => subscribe("alarms --queue=guards --space=demo.test")));
    const other = await subscribe("alarms --space=other.test");
    const said = await up.done("broker publish alarms 1 2 3 4 5 six --header=from=door --space=demo.test");
    assert.equal(said, "Published 6 messages to alarms\n");
    const wanted = [1, 2, 3, 4, 5, "six"];
    assert.deepEqual(await Promise.all(all.map(({ messages }) => messages)), [wanted, wanted]);
    for (const one of [...sharing, other]) one.end();
    const [left = [], right = []] = await Promise.all(sharing.map(({ messages }) => messages));
    assert.deepEqual([...left, ...right].sort(), [...wanted].sort());
    assert.ok(left.length > 0 && right.length > 0);
    assert.deepEqual(await other.messages, []);
  });

  it("says what was published as JSON too, and what is wrong", async () => {
    const json = await up.done("broker publish alarms hello --space=demo.test --output=json");
    assert.deepEqual(JSON.parse(json), { topic: "alarms", published: 1 });
    const refused = await up.orrery("broker publish alarms hi --space=demo.test --agent=other.test:users:eve");
    assert.deepEqual([refused.exit, /Cannot execute "demo.test:\[broker\]:alarms"/.test(refused.err)], [3, true]);
    const header = await up.orrery("broker publish alarms hi --header=x --space=demo.test");
    assert.deepEqual([header.exit, /"x" has no value, write NAME=VALUE/.test(header.err)], [2, true]);
  });
});
