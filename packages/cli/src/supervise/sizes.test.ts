import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineService, json, outcomeOf } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { makeHostProject, whoComponent } from "../testing/host-folder.ts";
import { killHost, type Running, startEvents } from "../testing/orrery.ts";
import { waitUntil } from "../testing/wait-until.ts";

const Who = defineService("who", {
  ask: { request: json<{ n: number }>(), reply: json<{ by: string; pid: number }>() },
});
const SLOW = whoComponent("1", "await new Promise((resolve) => setTimeout(resolve, 20));");
const HASTY = "elastic: { waitMs: 60, idleMs: 400, coolDownMs: 100 }";

/** Calls at once, each anew as soon as it ended, until told to stop; gives how each ended. */
function load(client: Awaited<ReturnType<typeof createMeshClient>>, atOnce: number) {
  const pids = new Set<number>();
  const failed: string[] = [];
  let answered = 0;
  let isOver = false;
  const asker = async () => {
    for (let n = 0; !isOver; n++) {
      const outcome = await outcomeOf(client.client(Who).ask({ n }, { timeoutMs: 10_000 }));
      if (outcome.kind === "reply") {
        pids.add(outcome.value.pid);
        answered++;
      } else failed.push(`${outcome.kind}: ${outcome.error.message}`);
    }
  };
  const all = Promise.all(Array.from({ length: atOnce }, asker));
  return {
    pids,
    failed,
    answered: () => answered,
    async stop() {
      isOver = true;
      await all;
    },
  };
}

/** Names of the processes that are up, by what the host told so far. */
function upOf({ events }: Running): readonly string[] {
  const up = new Set<string>();
  for (const { event, child } of events) {
    if (event === "ready") up.add(child);
    if (event === "ended") up.delete(child);
  }
  return [...up].sort();
}

describe("orrery supervise, with a least and a most", () => {
  for (const isolate of ["process", "thread"]) {
    it(`runs more, each in a ${isolate}, while calls wait too long, fewer when they are idle, and loses no call`, async (t) => {
      using project = makeHostProject();
      project.write("app/who.ts", SLOW);
      project.write("app/host.yaml", `${HASTY}\ncomponents: { who: { isolate: ${isolate}, instances: 1..3 } }\n`);
      const host = startEvents(["supervise", "app"], { cwd: project.cwd });
      t.after(() => killHost(host));
      const { address } = await host.next("supervising");
      await using client = await createMeshClient({ seeds: [address] });
      await waitUntil(() => upOf(host).length === 1);
      const calls = load(client, 16);
      const grown = await host.next("size");
      assert.match(grown.text, /^who: 1 of 1 to 3, \+1 host: the first of \d+ has waited \d+ ms, more than 60/);
      await waitUntil(() => upOf(host).length === 3 && calls.pids.size === 3);
      await calls.stop();
      await waitUntil(() => upOf(host).length === 1);
      // One that goes while it is asked: a last trickle meets those that leave.
      const again = load(client, 16);
      await waitUntil(() => upOf(host).length > 1);
      const trickle = load(client, 1);
      await again.stop();
      await waitUntil(() => upOf(host).length === 1);
      await trickle.stop();
      assert.deepEqual([...calls.failed, ...again.failed, ...trickle.failed], []);
    });
  }

  it("never changes how many run where both are the same, and follows its file when it changes", async (t) => {
    using project = makeHostProject();
    project.write("app/who.ts", SLOW);
    project.write("app/host.yaml", `${HASTY}\ncomponents: { who: { instances: 2..2 } }\n`);
    const host = startEvents(["supervise", "app"], { cwd: project.cwd });
    t.after(() => killHost(host));
    const { address } = await host.next("supervising");
    await using client = await createMeshClient({ seeds: [address] });
    await waitUntil(() => upOf(host).length === 2);
    const calls = load(client, 16);
    await waitUntil(() => calls.answered() > 100); // A second of load: many times the wait that would be too long.
    assert.deepEqual(upOf(host), ["who-0", "who-1"]);
    assert.equal(calls.pids.size, 2);
    project.write("app/host.yaml", `${HASTY}\ncomponents: { who: { instances: 2..3 } }\n`);
    const { text } = await host.next("size");
    assert.match(text, /^who: 2 of 2 to 3, \+1 host/);
    await waitUntil(() => upOf(host).length === 3);
    await calls.stop();
    assert.deepEqual(calls.failed, []);
  });
});
