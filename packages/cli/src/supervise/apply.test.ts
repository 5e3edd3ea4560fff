import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineService, json, outcomeOf } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { createHostTarget } from "@orrery/mesh/host";
import { ASKER, makeHostProject, whoComponent } from "../testing/host-folder.ts";
import { killHost, orrery, type Running } from "../testing/orrery.ts";
import { end, supervise } from "../testing/supervised.ts";
import { waitUntil } from "../testing/wait-until.ts";

const Who = defineService("who", {
  ask: { request: json<{ n: number }>(), reply: json<{ by: string; pid: number }>() },
});
const Asker = defineService("asker", {
  ask: { request: json<{ n: number }>(), reply: json<{ kind: string; by: string }>() },
});

type Client = Awaited<ReturnType<typeof createMeshClient>>;

/** Asks `ask` again and again until told to stop. */
function load(client: Client, ask: (n: number) => Promise<string>) {
  const outcomes: string[] = [];
  let isOver = false;
  const asker = async () => {
    for (let n = 0; !isOver; n++) {
      outcomes.push(await ask(n));
      await client.clock.sleep(1);
    }
  };
  const all = Promise.all([asker(), asker(), asker()]);
  const stop = async () => {
    isOver = true;
    await all;
  };
  return { outcomes, stop };
}

function askWho(client: Client) {
  return async (n: number) => {
    const outcome = await outcomeOf(client.client(Who).ask({ n }, { timeoutMs: 5_000 }));
    return outcome.kind === "reply" ? outcome.value.by : `${outcome.kind}: ${outcome.error.message}`;
  };
}

/** Whether a host has given another up. */
async function isDead(seed: string, { of, host }: { of: string; host: string }): Promise<boolean> {
  await using asker = await createMeshClient({ seeds: [seed], agent: "ops" });
  const { hosts } = await createHostTarget(asker, of).status({ hosts: true });
  return hosts.some(({ name, status }) => name === host && status === "dead");
}

describe("orrery apply", () => {
  it("replaces a version while it is called, changes nothing when it is typed again, and says so before", async (t) => {
    using project = makeHostProject();
    const { cwd } = project;
    project.write("app/who.ts", whoComponent("1"));
    project.write("next/who.ts", whoComponent("2"));
    const { host, address } = await supervise(t, project, ["app", 1]);
    await using client = await createMeshClient({ seeds: [address] });
    const calls = load(client, askWho(client));

    const plan = await orrery(["apply", "next", "--plan"], { cwd });
    assert.match(plan.out, /^\S+: replace who [0-9a-f]{12} by [0-9a-f]{12}\n$/, plan.err);
    assert.equal((await client.client(Who).ask({ n: 0 })).by, "1");
    const first = await orrery(["apply", "next"], { cwd });
    assert.equal(first.exit, 0, first.err);
    assert.match(first.out, /1 host: 1 changed, 0 as they were\n$/);
    assert.equal((await client.client(Who).ask({ n: 0 })).by, "2");
    const { pid } = await client.client(Who).ask({ n: 0 });
    for (const flags of [[], ["--plan"]])
      assert.equal((await orrery(["apply", "next", ...flags], { cwd })).out, "nothing to change on 1 host\n");
    assert.equal((await client.client(Who).ask({ n: 0 })).pid, pid);
    await calls.stop();
    assert.deepEqual([...new Set(calls.outcomes)], ["1", "2"]);

    project.write("next/who.ts", `${whoComponent("3")}\nthrow new Error("no database");\n`);
    const bad = await orrery(["apply", "next"], { cwd });
    assert.equal(bad.exit, 1);
    assert.match(bad.err, /no database/);
    assert.equal((await client.client(Who).ask({ n: 0 })).pid, pid); // It never took a call.
    await end(host);
    const again = await supervise(t, project, ["app", 1]); // What was applied stays, until the folder changes.
    await using later = await createMeshClient({ seeds: [again.address] });
    assert.equal((await later.client(Who).ask({ n: 0 })).by, "2");
    await end(again.host);
  });

  it("halts a version at the first share of its canary whose calls fail, and puts the old one back", async (t) => {
    using project = makeHostProject();
    project.write("app/who.ts", whoComponent("1"));
    project.write("app/asker/asker.ts", ASKER);
    project.write("app/host.yaml", "components:\n  who: { instances: 4 }\nrules: { pingEveryMs: 200 }\n");
    project.write("next/who.ts", whoComponent("2", 'if (n % 2 === 0) throw new Error("wrong sum");'));
    const { host, address } = await supervise(t, project, ["app", 5]);
    await using client = await createMeshClient({ seeds: [address] });
    const ask = async (n: number) => (await client.client(Asker).ask({ n }, { timeoutMs: 5_000 })).kind;
    const calls = load(client, ask);
    const flags = ["--canary=10%,100%", "--calls=20", "--failed-share=5%"];
    const { exit, err } = await orrery(["apply", "next", ...flags], { cwd: project.cwd });
    assert.equal(exit, 1);
    assert.match(err, /\d+ of \d+ calls to the new version failed, 5 % are allowed and the old one has 0 %/);
    await calls.stop();
    const later = load(client, ask); // None of these began before the old version was back.
    await waitUntil(() => later.outcomes.length > 30);
    await later.stop();
    assert.deepEqual([...new Set(later.outcomes)], ["reply"]);
    const failed = calls.outcomes.filter((kind) => kind !== "reply").length;
    assert.ok(failed > 0 && failed < calls.outcomes.length / 2, `${failed} of ${calls.outcomes.length}`);
    await end(host);
  });

  it("rolls over all hosts of a network, names one that is gone, and obeys only operators", async (t) => {
    using project = makeHostProject();
    const { cwd } = project;
    const names = ["alpha", "beta", "gamma"];
    const hosts: Running[] = [];
    let seed = "";
    for (const name of names) {
      project.write(`${name}/who.ts`, whoComponent("1"));
      const seeds = seed === "" ? "" : `seeds: [${seed}]\n`;
      project.write(`${name}/host.yaml`, `name: ${name}-${process.pid}\noperators: [ops]\n${seeds}`);
      const { host, address } = await supervise(t, project, [name, 1]);
      hosts.push(host);
      seed ||= address;
    }
    project.write("next/who.ts", whoComponent("2"));
    const all = await orrery(["apply", "next", `--to=${seed}`, "--at-once=2", "--output=json"], { cwd });
    assert.equal(all.exit, 0, all.err);
    const told = JSON.parse(all.out) as { hosts: readonly { host: string; state: string }[] };
    assert.deepEqual(
      told.hosts.map(({ host, state }) => [host.replace(/-\d+$/, ""), state]),
      names.map((name) => [name, "done"]),
    );
    await using client = await createMeshClient({ seeds: [seed] });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => client.client(Who).ask({ n })));
    assert.deepEqual([...new Set(answers.map(({ by }) => by))], ["2"]);

    for (const [agent, code] of [
      ["ops", ""],
      ["somebody", "permission_denied"],
    ] as const) {
      await using asker = await createMeshClient({ seeds: [seed], agent });
      const asked = await outcomeOf(createHostTarget(asker, `beta-${process.pid}`).status());
      assert.equal(asked.kind === "reply" ? "" : asked.error.code, code);
    }

    const [alpha, beta, gamma] = hosts as [Running, Running, Running];
    killHost(beta);
    await beta.ended;
    project.write("next/who.ts", whoComponent("3"));
    for (const isKnown of [false, true]) {
      // At once, and by one who joins when all have given it up, and never hears of it by gossip.
      if (isKnown) await waitUntil(() => isDead(seed, { of: `alpha-${process.pid}`, host: `beta-${process.pid}` }));
      const part = await orrery(["apply", "next", `--to=${seed}`, "--wait=1s"], { cwd });
      assert.equal(part.exit, 4, part.err);
      assert.match(part.err, /out of reach: beta-\d+; apply it again to go on/);
    }
    const plan = await orrery(["apply", "next", `--to=${seed}`, "--plan"], { cwd });
    assert.equal(plan.exit, 4, plan.err);
    assert.equal(plan.out, "nothing to change on 2 hosts\n");
    assert.match(plan.err, /out of reach: beta-\d+$/m);
    const back = await supervise(t, project, ["beta", 1]);
    await waitUntil(async () => (await orrery(["apply", "next", `--to=${seed}`, "--wait=1s"], { cwd })).exit === 0);
    await using later = await createMeshClient({ seeds: [back.address] });
    const last = await Promise.all(Array.from({ length: 20 }, (_, n) => later.client(Who).ask({ n })));
    assert.deepEqual([...new Set(last.map(({ by }) => by))], ["3"]);
    await end(alpha, back.host, gamma);
  });
});
