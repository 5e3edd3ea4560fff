import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { curl } from "../testing/curl.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";
import { waitUntil } from "../testing/wait-until.ts";

const PLANS = (limits: string) => `plans:
  free: &free
    title: Free
    price: 0 USD
    seats: { included: 1, price: 0 USD }
    services: { included: 10, price: 0 USD }
    limits: ${limits}
    grace: 7d
    keep: 30d
`;
const GREETER = `
import { defineComponent, defineService, json } from "@orrery/core";
const Greeter = defineService("test.greeter", { greet: { request: json(), reply: json() } });
export default defineComponent(Greeter, () => ({ greet: () => ({ text: "Hello" }) }));
`;
const KIB = 1024;

let up: TestUp;
const done = (line: string) => up.done(line);
const json = async (line: string) => JSON.parse(await done(`${line} --output=json`));
before(async () => {
  const content = PLANS("{ instances: 2, storage: 1MiB, requests: 5 }");
  const billing = { mailFrom: "orrery@localhost", planFile: { name: "plans.yaml", content } };
  up = await openTestUp({ isolation: "none", billing });
  for (const space of ["demo.test", "calm.test"]) {
    await done(`create ${space}<Space>`);
    await done(`billing subscribe ann@example.com --space=${space}`);
  }
  await done("create 'demo.test:files<FileSystem>'");
  for (const [name, kib] of [
    ["half", 600],
    ["rest", 200],
  ] as const)
    writeFileSync(join(up.cwd, name), Buffer.alloc(kib * KIB, name));
  for (const name of ["one", "two", "three"]) {
    mkdirSync(join(up.cwd, name));
    writeFileSync(join(up.cwd, name, "greeter.ts"), GREETER);
    writeFileSync(join(up.cwd, name, "orrery.yaml"), "components: { greeter: greeter.ts }\n");
  }
});
after(() => up?.[Symbol.asyncDispose]());

/** How apps of the space stand, by their names. */
async function stands(): Promise<Readonly<Record<string, { readonly state: string; readonly reason?: string }>>> {
  const apps = ["one", "two", "three"].map(
    async (name) => [name, (await json(`get demo.test:${name}`)).status] as const,
  );
  return Object.fromEntries(await Promise.all(apps));
}

describe("what a plan lets a space have", () => {
  it("is shown with the plan, with the bill, and at the space", async () => {
    assert.match(await done("billing plans"), /free {2}in all +2 instances, storage 1\.0 MiB, 5 requests a second/);
    assert.match(await done("billing get --space=demo.test"), /^in all +2 instances/m);
    const { plan } = (await json("get demo.test")).properties;
    assert.deepEqual(plan, { name: "free", instances: 2, storageBytes: 1_024 * KIB, requestsPerSecond: 5 });
    assert.match(await done("quota get demo.test:files"), /1\.0 MiB +all +demo\.test, by plan free/);
    await done("auth grant csdrwx on 'demo.test' to ann");
    const own = await up.orrery('set \'demo.test{ +plan={"name":"mine"} }\' --agent=ann');
    assert.deepEqual([own.exit, /Cannot set "plan"/.test(own.err)], [3, true], own.err);
  });

  it("bounds files and the store together, many at once too", async () => {
    const sent = await Promise.all(["a", "b", "c"].map((name) => up.orrery(`cp half demo.test:files:/${name}`)));
    assert.deepEqual(sent.map(({ exit }) => exit).sort(), [0, 1, 1]);
    const { err } = sent.find(({ exit }) => exit === 1) ?? assert.fail("none was refused");
    assert.match(err, /1\.2 of 1\.0 MiB of storage that plan "free" lets "demo\.test" have/);
    assert.match(err, /or choose a larger plan: orrery billing plans/);
    const set = (key: string) => up.orrery(`store set ${key} ${"x".repeat(300 * KIB)} --space=demo.test`);
    const written = await Promise.all([set("k"), set("l"), set("m")]);
    assert.deepEqual(written.map(({ exit }) => exit).sort(), [0, 1, 1]);
    assert.match(
      written.map((one) => one.err).join(),
      /Cannot write to the store of "demo\.test"\n.* of storage that plan "free"/,
    );
    assert.match(await done("quota get demo.test"), /^900 KiB +1\.0 MiB +all/m);
    assert.equal((await up.orrery("cp rest demo.test:files:/d")).exit, 1); // For what the store holds.
  });

  it("bounds the instances of all apps, whichever come first, and starts what waits when there is room", async () => {
    await Promise.all(["one", "two", "three"].map((name) => done(`run ${name} --space=demo.test --no-check`)));
    const counted = async () => {
      const states = Object.values(await stands()).map(({ state }) => state);
      return [states.filter((state) => state === "Ready").length, states.filter((state) => state === "Panic").length];
    };
    await waitUntil(async () => (await counted()).join() === "2,1");
    const before = await stands();
    const [refused = "", { reason = "" } = {}] =
      Object.entries(before).find(([, { state }]) => state === "Panic") ?? [];
    assert.match(reason, /3 of 2 instances that plan "free" lets "demo\.test" have/);
    const [running = ""] = Object.keys(before).filter((name) => name !== refused);
    const scaled = await up.orrery(`scale demo.test:${running} greeter=2`);
    assert.match(scaled.err, /3 of 2 instances that plan "free"/);
    assert.equal(scaled.exit, 1);
    assert.equal((await json(`get demo.test:${running}`)).properties.instances?.greeter, undefined);
    await done(`kill ${running} --space=demo.test`);
    await waitUntil(async () => (await json(`get demo.test:${refused}`)).status.state === "Ready");
  });

  it("bounds the requests of a second by 429, and those of no other space", async () => {
    const visits = await Promise.all(Array.from({ length: 12 }, () => curl(`${up.web}/`, "demo.test")));
    const late = visits.filter(({ status }) => status === 429);
    assert.ok(late.length >= 2, String(visits.map(({ status }) => status)));
    assert.match(late[0]?.body ?? "", /"code":"resource_exhausted".*more than the 5 requests a second that plan/);
    assert.equal(late[0]?.headers.get("retry-after"), "1");
    assert.equal((await curl(`${up.web}/`, "calm.test")).status, 404);
  });

  it("is remembered where it refused something, for owners and operators", async () => {
    const refusals = await json("billing refusals --space=demo.test");
    const limits = refusals.map(({ limit }: { readonly limit: string }) => limit);
    assert.deepEqual(limits.sort(), ["instances", "requests", "storage"]);
    assert.ok(
      refusals.every(({ times, plan }: { readonly times: number; plan: string }) => times >= 2 && plan === "free"),
    );
    assert.match(
      await done("billing refusals --all"),
      /^\d{4}-\d\d-\d\d \d\d:\d\d +\d+ +demo\.test +free +storage +Cannot/m,
    );
    assert.deepEqual(await json("billing refusals --space=calm.test"), []);
    assert.equal((await up.orrery("billing refusals --space=demo.test --agent=eve")).exit, 3);
    assert.equal((await up.orrery("billing refusals --all --agent=eve")).exit, 3);
  });
});
