import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { defineService, json, outcomeOf } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { type HostProject, installPackages, makeHostProject, whoComponent } from "../testing/host-folder.ts";

import { killHost, orrery, type RunEvent, type Running, startEvents } from "../testing/orrery.ts";
import { waitUntil } from "../testing/wait-until.ts";

const Who = defineService("who", {
  ask: { request: json<{ n: number }>(), reply: json<{ by: string; pid: number }>() },
});

/** An event of a kind about a child or a component, behind those that were asked for before. */
async function nextOf(running: Running, kind: string, child: string): Promise<RunEvent> {
  for (;;) {
    const event = await running.next(kind);
    if (event.child === child) return event;
  }
}

function supervise(t: { after(does: () => void): void }, { cwd }: HostProject, folder = "app"): Running {
  const running = startEvents(["supervise", folder], { cwd });
  t.after(() => killHost(running));
  return running;
}

/** Ends a host, so that none of its processes is left. */
async function end(running: Running): Promise<void> {
  running.child.kill("SIGTERM");
  const { exit, err } = await running.ended;
  assert.equal(exit, 0, err);
}

/** Asks again and again until told to stop; gives how each call ended. */
function load(client: Awaited<ReturnType<typeof createMeshClient>>) {
  const outcomes: string[] = [];
  let isOver = false;
  const asker = async () => {
    for (let n = 0; !isOver; n++) {
      const outcome = await outcomeOf(client.client(Who).ask({ n }, { timeoutMs: 5_000 }));
      outcomes.push(outcome.kind === "reply" ? outcome.value.by : `${outcome.kind}: ${outcome.error.message}`);
      await client.clock.sleep(1);
    }
  };
  const all = Promise.all([asker(), asker(), asker()]);
  return {
    outcomes,
    async stop() {
      isOver = true;
      await all;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("orrery supervise", () => {
  it("brings a fresh host to serving by the three commands of the guide", async (t) => {
    using project = makeHostProject();
    const guide = readFileSync(new URL("../../../../docs/guide/hosts.md", import.meta.url), "utf8");
    const commands = /```sh\n([^`]*?)```/.exec(guide)?.[1]?.trim().split("\n") ?? [];
    assert.equal(commands.length, 3);
    const [make = "", install = "", start = ""] = commands.map((line) => line.replace(/ *#.*/, ""));
    const { cwd } = project;
    assert.equal((await orrery(make.split(" ").slice(1), { cwd })).exit, 0);
    assert.equal(install, "npm install --prefix shop");
    installPackages(join(cwd, "shop")); // What the command does, without the network.
    const words = start.split(" ");
    assert.deepEqual(words.slice(0, 2), ["orrery", "supervise"]);
    const host = supervise(t, project, words[2]);
    await nextOf(host, "ready", "shop-0");
    await waitUntil(async () => (await orrery(["describe", "shop"], { cwd })).exit === 0); // The network knows it.
    const called = await orrery(["shop", "greet", "--name=Ada", "--output=json"], { cwd });
    assert.deepEqual(JSON.parse(called.out), { text: "Hello, Ada!" }, called.err);
    await end(host);
  });

  for (const isolate of ["process", "thread"]) {
    it(`takes over components that are added, changed and removed, each in a ${isolate}, and no call fails for it`, async (t) => {
      using project = makeHostProject();
      project.write("app/host.yaml", `isolate: ${isolate}\n`);
      project.write("app/who.ts", whoComponent("1"));
      const host = supervise(t, project);
      const { address } = await host.next("supervising");
      const first = await nextOf(host, "ready", "who-0");
      await using client = await createMeshClient({ seeds: [address] });
      const calls = load(client);

      project.write("app/other/other.ts", whoComponent("x").replaceAll('"who"', '"other"'));
      await nextOf(host, "ready", "other-0");
      project.write("app/who.ts", whoComponent("2"));
      await nextOf(host, "ended", "who-0.next");
      assert.equal((await client.client(Who).ask({ n: 0 })).by, "2");
      assert.equal(isAlive(first.pid), false);

      // While somebody writes, nothing is taken over.
      project.write("app/deploy.lock", "");
      project.write("app/who.ts", whoComponent("half"));
      host.child.kill("SIGHUP");
      project.write("app/who.ts", whoComponent("3"));
      project.remove("app/deploy.lock");
      await nextOf(host, "ended", "who-0.next");
      assert.equal((await client.client(Who).ask({ n: 0 })).by, "3");

      project.remove("app/other");
      await nextOf(host, "ended", "other-0");
      await calls.stop();
      assert.deepEqual([...new Set(calls.outcomes)], ["1", "2", "3"]);
      await end(host);
    });

    it(`never lets a version take calls that does not start in its ${isolate}, and says why`, async (t) => {
      using project = makeHostProject();
      project.write("app/host.yaml", `isolate: ${isolate}\n`);
      project.write("app/who.ts", whoComponent("1"));
      const host = supervise(t, project);
      const { address } = await host.next("supervising");
      const { pid } = await nextOf(host, "ready", "who-0");
      await using client = await createMeshClient({ seeds: [address] });
      const calls = load(client);
      project.write("app/who.ts", `${whoComponent("2")}\nthrow new Error("no database");\n`);
      const back = await host.next("put-back");
      assert.match(back.text, /"who-0\.next" failed: .*no database/s);
      assert.equal((await client.client(Who).ask({ n: 0 })).pid, pid);
      await calls.stop();
      assert.deepEqual([...new Set(calls.outcomes)], ["1"]);
      project.write("app/who.ts", whoComponent("3"));
      await nextOf(host, "ready", "who-0");
      assert.equal((await client.client(Who).ask({ n: 0 })).by, "3");
      await end(host);
    });
  }

  it("ends its threads when it leaves, each with what it accepted, and the next one starts them anew", async (t) => {
    using project = makeHostProject();
    const began = join(project.cwd, "began");
    const waits = `const { existsSync, writeFileSync } = await import("node:fs");
    if (n === 1) writeFileSync("${began}", "");
    while (n === 1 && existsSync("${began}")) await new Promise((resolve) => setTimeout(resolve, 5));`;
    project.write("app/who.ts", whoComponent("1", waits));
    project.write("app/host.yaml", "components: { who: { isolate: thread } }\n");
    const first = supervise(t, project);
    const { address } = await first.next("supervising");
    const { pid } = await nextOf(first, "ready", "who-0");
    await using client = await createMeshClient({ seeds: [address] });
    const { pid: thread } = await client.client(Who).ask({ n: 0 });
    assert.equal(thread, pid);
    assert.notEqual(thread, first.child.pid);
    const last = client.client(Who).ask({ n: 1 });
    await waitUntil(() => existsSync(began));
    first.child.kill("SIGUSR2");
    project.remove("began"); // It has accepted the call, and may now answer.
    assert.equal((await last).by, "1");
    assert.deepEqual(await once(first.child, "exit"), [0, null]);
    assert.equal(isAlive(thread), false);
    const second = supervise(t, project);
    assert.notEqual((await nextOf(second, "ready", "who-0")).pid, thread);
    await end(second);
  });

  it("may be killed: its processes serve on, and the next one takes them over", async (t) => {
    using project = makeHostProject();
    project.write("app/who.ts", whoComponent("1"));
    project.write("app/host.yaml", "components:\n  who: { instances: 2 }\n");
    const first = supervise(t, project);
    const { address } = await first.next("supervising");
    const ready = [await first.next("ready"), await first.next("ready")];
    const pids = ["who-0", "who-1"].map((name) => ready.find(({ child }) => child === name)?.pid ?? 0);
    await using client = await createMeshClient({ seeds: [address] });
    const calls = load(client);
    const twin = await orrery(["supervise", "app"], { cwd: project.cwd });
    assert.equal(twin.exit, 1);
    assert.match(twin.err, /another supervisor runs there/);

    first.child.kill("SIGKILL");
    await once(first.child, "exit"); // Its output stays open: its processes write there.
    assert.deepEqual(new Set([(await client.client(Who).ask({ n: 0 })).by]), new Set(["1"]));
    const second = supervise(t, project);
    const again = await second.next("supervising");
    assert.equal(again.address, address);
    assert.deepEqual(pids.map(isAlive), [true, true]);

    process.kill(pids[0] ?? 0, "SIGKILL"); // No child of the second, and yet it is seen.
    await nextOf(second, "ended", "who-0");
    await nextOf(second, "ready", "who-0");
    await calls.stop();
    const wrong = calls.outcomes.filter((kind) => kind !== "1");
    assert.ok(wrong.length <= 3, wrong.join("\n")); // Those that were open at the one that was killed.

    second.child.kill("SIGUSR2");
    assert.deepEqual(await once(second.child, "exit"), [0, null]);
    assert.equal(isAlive(pids[1] ?? 0), true);
    const third = supervise(t, project);
    await third.next("supervising");
    await end(third);
    await waitUntil(() => !pids.some(isAlive)); // What the first had started is reaped by nobody but the machine.
  });

  for (const [name, text, why] of [
    [
      "names that are not known",
      "components:\n  who: { instance: 2 }\n",
      /host\.yaml:2:10: .*did you mean "instances"\?/,
    ],
    ["values that cannot be", "listen: 7100\n", /host\.yaml:1:9: "listen" is 7100: write an address such as tcp:/],
    [
      "another way to isolate instances than there is",
      "components: { who: { isolate: fiber } }\n",
      /host\.yaml:1:31: "components\.who\.isolate" is "fiber": write process, thread/,
    ],
    ["a text that is no YAML", "name: [\n", /host\.yaml:2:1: /],
  ] as const) {
    it(`refuses a host.yaml with ${name}, and says where`, async () => {
      using project = makeHostProject();
      project.write("app/host.yaml", text);
      const { exit, err } = await orrery(["supervise", "app"], { cwd: project.cwd });
      assert.notEqual(exit, 0);
      assert.match(err, why);
    });
  }

  it("refuses a folder that is not there", async () => {
    using project = makeHostProject();
    const { exit, err } = await orrery(["supervise", "nowhere"], { cwd: project.cwd });
    assert.equal(exit, 4);
    assert.match(err, /Cannot supervise "nowhere"\n? *:? *there is no such folder/);
  });
});
