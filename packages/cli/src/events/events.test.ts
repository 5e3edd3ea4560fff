import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

describe("orrery events", () => {
  let up: TestUp;
  before(async () => {
    up = await openTestUp();
    await up.orrery("create 'demo.test<Space>'");
  });
  after(() => up[Symbol.asyncDispose]());

  const events = async (line: string) => {
    const { exit, out, err } = await up.orrery(`events ${line} --space=demo.test`);
    assert.deepEqual([exit, err], [0, ""], line);
    return out;
  };
  const linesOf = (out: string) =>
    out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

  it("publishes events, which a group takes once, and anybody reads", async () => {
    assert.equal(await events("topics"), "demo.test has no topics\n");
    assert.equal(await events(`publish orders '{"n":1}' two`), "Published at offset 1\nPublished at offset 2\n");
    assert.equal(await events("publish orders 3 --id=three"), "Published at offset 3\n");
    assert.equal(await events("publish orders 4 --id=three"), "Was there already at offset 3\n");
    const taken = linesOf(await events("consume orders billing --count=2"));
    assert.deepEqual(
      taken.map(({ offset, message, agent, attempt }) => [offset, message, agent, attempt]),
      [
        [1, { n: 1 }, "operator", 1],
        [2, "two", "operator", 1],
      ],
    );
    assert.deepEqual(
      linesOf(await events("read orders --from=2")).map(({ message }) => message),
      ["two", 3],
    );
    assert.match(await events("topics"), /^TOPIC +EVENTS +BYTES +KEEPS +UP TO\norders +3 .* 168 h +1.0 GiB\n$/);
    assert.equal(await events("set orders --keep=24h"), "orders keeps events for 86400 s, and 1073741824 bytes\n");
  });

  it("puts a group elsewhere, and shows how it stands", async () => {
    assert.match(await events("groups orders"), /^GROUP +BEHIND +OUT +WAITING +DEAD\nbilling +\d /);
    assert.equal(await events("move orders billing --from=earliest"), "Moved billing\n");
    assert.equal(linesOf(await events("consume orders billing --count=3")).length, 3);
    assert.equal(await events("dead orders billing --output=json"), "");
    assert.equal(await events("retry orders billing"), "Published 0 again for billing\n");
  });

  it("says what is wrong with what was typed", async () => {
    const refused = async (line: string) => (await up.orrery(`events ${line}`)).err;
    assert.match(await refused("topics"), /none is named, and "operator" lies in none/);
    assert.match(
      await refused("read none --space=demo.test"),
      /Cannot read topic "none"\n +there is none of this name/,
    );
    assert.match(await refused("read orders --from=soon --space=demo.test"), /"soon" is no place/);
    assert.match(await refused("topics --space=demo.test --agent=bob"), /Cannot read "demo.test:\[events\]" as "bob"/);
    assert.match(await refused("publish Orders 1 --space=demo.test"), /Cannot use topic "Orders"/);
  });

  it("goes with its space", async () => {
    await up.orrery("rm demo.test");
    await up.orrery("create 'demo.test<Space>'");
    assert.equal(await events("topics"), "demo.test has no topics\n");
  });

  it("is called over HTTP by whoever was granted it", async () => {
    await up.orrery("auth grant x on 'demo.test:[events]:orders' to anyone");
    const call = (method: string, request: object) =>
      fetch(`${up.http}/orrery.events.v1.EventsService/${method}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ space: "demo.test", topic: "orders", ...request }),
      });
    const published = await call("Publish", { events: [{ message: { n: 1 } }] });
    assert.equal(published.status, 200, await published.clone().text());
    assert.equal((await call("Read", {})).status, 403);
  });
});
