import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { openTestUp, type TestUp } from "../testing/up.ts";

const MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));
let up: TestUp;
before(async () => {
  up = await openTestUp({ isolation: "none" }); // Nobody joins an app in a cage.
  await up.done("create demo.test<Space>");
  mkdirSync(join(up.cwd, "shop"));
  writeFileSync(join(up.cwd, "shop/orrery.yaml"), "components: { teller: teller.ts }\nenv: { SAID: by the file }\n");
  writeFileSync(join(up.cwd, "shop/teller.ts"), TELLER);
  await up.done("run shop --space=demo.test --wait --no-check");
  symlinkSync(MODULES, join(up.cwd, "node_modules")); // As npm install would.
});
after(() => up?.[Symbol.asyncDispose]());

/** Tells in which process it is. */
const TELLER = `
import { defineComponent, defineService, json } from "@orrery/core";
const Teller = defineService("test.teller", { tell: { request: json<object>(), reply: json<object>() } });
function tell(agent) {
  const told = { pid: process.pid, agent };
  return told;
}
export default defineComponent(Teller, () => ({ tell: (_, { agent }) => tell(agent) }));
`;
const tell = async () =>
  JSON.parse(await up.done("send demo.test:shop test.teller/tell")) as { readonly pid: number; readonly agent: string };

describe("orrery run --attach", () => {
  it("runs here in the place of what an app runs, stops at a breakpoint when it is called, and gives the place back", async () => {
    const { pid } = await tell();
    assert.notEqual(pid, process.pid);
    let stop = () => {};
    const attached = Promise.withResolvers<void>();
    const running = up.orrery("run shop --attach=demo.test:shop", {
      onListening: (interrupt) => {
        stop = interrupt;
      },
      onWrite: (text) => text.startsWith("Attached: calls of teller of demo.test:shop come here") && attached.resolve(),
    });
    await Promise.race([attached.promise, running.then(({ err }) => assert.fail(err))]);
    for (const lastMs = performance.now() + 20_000; (await tell()).pid !== process.pid; )
      assert.ok(performance.now() < lastMs, "calls come here");
    const session = new Session();
    session.connect();
    await session.post("Debugger.enable");
    const url = new RegExp(`${up.cwd}/shop/teller\\.ts`).source;
    await session.post("Debugger.setBreakpointByUrl", { urlRegex: url, lineNumber: 5 });
    const places: string[] = [];
    session.on("Debugger.paused", ({ params }) => {
      places.push(params.callFrames[0]?.functionName ?? "");
      void session.post("Debugger.resume");
    });
    assert.equal((await tell()).pid, process.pid);
    session.disconnect();
    assert.deepEqual(places, ["tell"]);
    const second = await up.orrery("run shop --attach=demo.test:shop");
    assert.deepEqual([second.exit, /somebody stands in for "teller" already/.test(second.err)], [1, true], second.err);
    stop();
    const { exit, err } = await running;
    assert.equal(exit, 0, err);
    assert.notEqual((await tell()).pid, process.pid);
  });

  it("refuses who may not run other code as the app, and what it has not", async () => {
    await up.done("auth grant read on demo.test:shop to ann");
    const refused = await up.orrery("run shop --attach=demo.test:shop --agent=ann");
    assert.deepEqual(
      [refused.exit, /no rule lets ann write demo\.test:shop/.test(refused.err)],
      [3, true],
      refused.err,
    );
    mkdirSync(join(up.cwd, "other"));
    writeFileSync(join(up.cwd, "other/orrery.yaml"), "components: { sayer: sayer.ts }\n");
    writeFileSync(join(up.cwd, "other/sayer.ts"), TELLER.replaceAll("teller", "sayer"));
    const strange = await up.orrery("run other --attach=demo.test:shop");
    assert.deepEqual([strange.exit, /has none of its components, teller/.test(strange.err)], [1, true], strange.err);
    assert.equal((await up.orrery("run shop --attach=demo.test:none")).exit, 4);
  });
});
