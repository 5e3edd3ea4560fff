import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { JsonValue } from "@orrery/core";
import { createThreadMachine } from "../testing/supervise/real-machine.ts";
import { supervisionSuite } from "../testing/supervise/supervision-suite.ts";
import { waitUntil } from "../testing/wait-until.ts";
import type { SuperviseEvent } from "./supervise.ts";
import { createSupervisor } from "./supervisor.ts";
import { createSystemControl } from "./system-control.ts";
import { componentProgram } from "./system-door.ts";

supervisionSuite("worker threads of this process", createThreadMachine, { outlives: false });

/** A supervisor with one child, up. */
async function open(program?: JsonValue) {
  const machine = await createThreadMachine();
  const { clock, random, store, rules } = machine;
  const control = createSystemControl({ folder: `${machine.folder}/s` });
  const events: SuperviseEvent[] = [];
  const make = () => createSupervisor({ clock, random, store, control, onEvent: (event) => void events.push(event) });
  const supervisor = await make();
  supervisor.apply({
    groups: [{ name: "g", rules, children: [{ name: "a", program: program ?? machine.program("serve") }] }],
  });
  return { machine, control, events, supervisor, make, status: () => supervisor.status()[0] };
}

describe("createSystemControl, isolate: thread", () => {
  it("lets a released thread finish and end, and the next supervisor starts it anew", async () => {
    const { machine, control, events, supervisor, make, status } = await open();
    await using _ = machine;
    await waitUntil(() => status()?.state === "ready");
    const first = status()?.pid ?? 0;
    assert.ok(first > 0 && first !== process.pid && machine.isAlive(first));
    supervisor.release();
    await control.settled();
    await waitUntil(() => !machine.isAlive(first)); // The machine takes it away a moment later.
    const next = await make();
    await waitUntil(() => next.status()[0]?.state === "ready");
    assert.notEqual(next.status()[0]?.pid, first);
    assert.deepEqual(
      events.map(({ kind, reason }) => reason ?? kind),
      ["starting", "ready", "unseen", "starting", "ready"],
    );
    assert.match(events.at(-1)?.text ?? "", /^thread \d+ takes work at test:\d+$/);
    await next.stop();
  });

  it("replaces a thread that holds more than the component.yaml of its folder lets it", async () => {
    const { machine, events, supervisor, status } = await open();
    await using _ = machine;
    writeFileSync(`${machine.folder}/component.yaml`, "packages: false\nresources: { memoryMax: 200MiB }\n");
    const program = { ...(machine.program("serve") as object), environment: machine.folder } as JsonValue;
    const rules = { ...machine.rules, memoryBytesMax: 2 ** 30 };
    supervisor.apply({ groups: [{ name: "g", rules, children: [{ name: "b", program }] }] });
    const isUp = () => status()?.name === "b" && status()?.state === "ready" && status()?.pid !== 0;
    await waitUntil(isUp);
    const first = status()?.pid ?? 0;
    await machine.act(first, "hog");
    await waitUntil(() => isUp() && status()?.pid !== first);
    const ailing = events.find(({ kind }) => kind === "ailing");
    assert.deepEqual([ailing?.child, ailing?.pid, ailing?.reason], ["b", first, "memory"]);
    assert.match(ailing?.text ?? "", /its limit is 200 MiB$/);
    await supervisor.kill();
  });

  it("gives up what no thread can be started with, and says why", async () => {
    const { machine, supervisor, status } = await open();
    await using _ = machine;
    const program = { ...(machine.program("serve") as object), execArgv: ["--max-old-space-size=100"] } as JsonValue;
    supervisor.apply({ groups: [{ name: "g", rules: machine.rules, children: [{ name: "a", program }] }] });
    await waitUntil(() => status()?.state === "given-up");
    assert.match(status()?.cause ?? "", /it exited with code 1/);
    await supervisor.stop();
  });
});

describe("componentProgram", () => {
  it("names the two ways to isolate instances where it is given another", () => {
    const program = { paths: ["shop.ts"], cwd: "/", node: "shop-0", isolate: "fiber" as "thread" };
    assert.throws(() => componentProgram(program), {
      code: "invalid_argument",
      message: 'Cannot isolate instances by "fiber": there is no such way, write process or thread',
    });
  });
});
