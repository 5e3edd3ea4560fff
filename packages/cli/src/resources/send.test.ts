import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type Client,
  type ClientNode,
  type Component,
  createTableDirectory,
  defineComponent,
  defineService,
  isOrreryError,
  json,
  type Node,
  OrreryError,
} from "@orrery/core";
import { createMeshClient, createMeshNode, findProject, writeRunFile } from "@orrery/mesh";
import { guardDriver, type Kind } from "@orrery/registry";
import { RegistryService, type ResourceMessage } from "@orrery/registry/service";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** A kind that nobody knows but this test: data, which names the component that drives it. */
const LAMP: Kind = {
  name: "Lamp",
  summary: "Something that can be lit",
  parents: ["Space"],
  segments: ["name"],
  driver: "lamps",
  properties: { bulb: { summary: "What shines in it", schema: { type: "string" }, default: "plain" } },
};

const Lamps = defineService("lamps", {
  turn: { request: json<{ address: string; on: boolean }>(), reply: json<{ on: boolean }>() },
  ponder: { request: json<{ address: string }>(), reply: json<object>() },
});

type Registry = Client<typeof RegistryService>;

/** Drives lamps: makes each what it shall be, whenever it is told of it, and answers what is sent to it. */
function lampDriver(client: ClientNode): Component {
  const registry = client.client(RegistryService);
  const driver = defineComponent(Lamps, (instance) => {
    const lit = new Map<string, boolean>();
    instance.onReady(() => {
      void drive(registry, instance.signal).catch((cause: unknown) => instance.crash(cause));
    });
    return {
      turn: async ({ address, on }) => {
        if (lit.get(address) === on)
          throw new OrreryError("not_found", `Cannot turn "${address}": there is nothing to turn, it is so already`);
        lit.set(address, on);
        return { on };
      },
      ponder: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    };
  });
  return guardDriver(driver, registry);
}

async function drive(registry: Registry, signal: AbortSignal): Promise<void> {
  const selector = "**<Lamp>";
  const { resources, revision } = await registry.list({ selector });
  for (const resource of resources) await makeSo(registry, resource);
  try {
    for await (const { resource } of registry.watch({ selector, after: revision }, { signal }))
      if (resource !== undefined) await makeSo(registry, resource);
  } catch (error) {
    if (!signal.aborted && !(isOrreryError(error) && error.kind === "cancelled")) throw error; // Its client ends with it.
  }
}

/** Compares what is wanted with what is; harmless where that is the same. */
async function makeSo(registry: Registry, { address, properties, status }: ResourceMessage): Promise<void> {
  if (status?.state === "Destroyed") return;
  if (status?.state === "Destroying") {
    await registry.change({ address, doneFinalizers: ["lamps"] });
    return;
  }
  const bulb = String(properties?.["bulb"]);
  const wanted = bulb === "broken" ? { state: "Panic", reason: `no bulb shines that is ${bulb}` } : { state: "Ready" };
  await registry.change({ address, status: wanted });
}

let up: TestUp;
let node: Node | undefined;
let client: ClientNode | undefined;
let runFile: { remove(): void } | undefined;
before(async () => {
  up = await openTestUp({ kinds: [LAMP] });
  await up.done("create 'demo.test<Space>'");
  await up.done("auth grant rw on 'demo.test:**<Lamp>' to lamps");
});
after(async () => {
  await stopDriver();
  await up[Symbol.asyncDispose]();
});

/** Runs the driver in a node of its own, which the project knows as one that orrery run runs. */
async function startDriver(): Promise<void> {
  const directory = createTableDirectory({ [RegistryService.typeName]: [up.address] });
  client = await createMeshClient({ directory, agent: "lamps" });
  const started = await createMeshNode({ components: [lampDriver(client)], listen: ["tcp://127.0.0.1:0"] });
  await started.start();
  node = started;
  runFile = writeRunFile(findProject(up.cwd), createTableDirectory({ lamps: started.addresses }));
}

async function stopDriver(): Promise<void> {
  runFile?.remove();
  await node?.stop({ timeoutMs: 1_000 });
  await client?.stop();
  node = undefined;
}

async function refused(line: string): Promise<string> {
  const { exit, err } = await up.orrery(line);
  return `${err}[${exit}]`;
}

/** Waits for the next change of status after a revision; gives that revision, and what the status became. */
async function nextStatus(after: number): Promise<{ revision: number; status: object }> {
  for (let from = after; ; ) {
    const line = await up.done(`watch demo.test:lamp --after=${from} --count=1`);
    const { revision, parts, resource } = JSON.parse(line) as {
      revision: number;
      parts: readonly string[];
      resource: { status: object };
    };
    from = revision;
    if (parts.includes("status") || parts.includes("removed")) return { revision, status: resource.status };
  }
}

describe("a kind of a test, driven by a component of a test", () => {
  it("goes through its life, and says at each stage how it is and why", async () => {
    const status = async () => JSON.parse(await up.done("status demo.test:lamp --output=json")) as object;
    const is = (state: string, more: object = {}) => ({ address: "demo.test:lamp", kind: "Lamp", state, ...more });
    await up.done("create 'demo.test:lamp<Lamp>'");
    const created = Number((await up.done("get 'demo.test:lamp{ revision }'")).trim());
    assert.deepEqual(await status(), is("Creating"));
    await startDriver();
    const ready = await nextStatus(created);
    assert.deepEqual([ready.status, await status()], [{ state: "Ready" }, is("Ready")]);
    await up.done("set demo.test:lamp --set bulb=broken");
    const panic = await nextStatus(ready.revision);
    const reason = "no bulb shines that is broken";
    assert.deepEqual([panic.status, await status()], [{ state: "Panic", reason }, is("Panic", { reason })]);
    assert.equal(await up.done("status demo.test:lamp"), `Panic: ${reason}\n`);
    assert.doesNotMatch(await up.done("get demo.test:lamp"), /waits for/);
    await up.done("set demo.test:lamp --set bulb=plain");
    const mended = await nextStatus(panic.revision);
    assert.deepEqual(mended.status, { state: "Ready" });

    await stopDriver();
    const { out, err } = await up.orrery("rm demo.test:lamp");
    assert.match(out, /^Removing demo\.test:lamp at revision \d+, it waits for lamps\n$/);
    assert.equal(err, "Next: orrery status demo.test:lamp\n");
    const again = JSON.parse(await up.done("rm demo.test:lamp --output=json")) as object;
    assert.partialDeepStrictEqual(again, { address: "demo.test:lamp", changed: false, waits: ["lamps"] });
    assert.equal(await up.done("rm demo.test:lamp"), "demo.test:lamp is being removed already, it waits for lamps\n");
    assert.match(await up.done("get demo.test:lamp"), /\n {2}waits for +lamps\n/);
    assert.equal(await up.done("status demo.test:lamp"), "Destroying, waits for lamps\n");
    const going = await nextStatus(mended.revision);
    await startDriver();
    assert.deepEqual((await nextStatus(going.revision)).status, { state: "Destroyed" });
    assert.match(await refused("status demo.test:lamp"), /there is no such resource .*\[4\]$/s);

    const lines = (await up.done(`watch demo.test:lamp --after=${created - 1}`)).trim().split("\n");
    const states = lines.map(
      (line) => (JSON.parse(line) as { resource: { status: { state: string } } }).resource.status,
    );
    assert.deepEqual(
      states.map(({ state }) => state).filter((state, n, all) => state !== all[n - 1]),
      ["Creating", "Ready", "Panic", "Ready", "Destroying", "Destroyed"],
    );
  });
});

describe("orrery send", () => {
  before(async () => {
    await stopDriver();
    await up.done("create 'demo.test:lamp<Lamp>'");
  });

  it("says where it looked for a driver that does not run", async () => {
    assert.match(
      await refused("send demo.test:lamp turn"),
      /^Cannot send to "demo.test:lamp"\n {2}its driver "lamps" runs neither at SERVER nor in this project\nTry: orrery run FILE.*\[4\]$/s,
    );
  });

  it("brings a request to the driver, wherever in the project it runs, and its reply back", async () => {
    await startDriver();
    assert.equal(await up.done(`send demo.test:lamp turn '{"on":true}'`), '{"on":true}\n');
    assert.equal(await up.done(`exec 'send demo.test:lamp turn {"on":false}'`), '{"on":false}\n');
  });

  it("tells what the driver refuses, as it says it", async () => {
    assert.match(
      await refused(`send demo.test:lamp turn '{"on":false}'`),
      /^Cannot turn "demo.test:lamp"\n {2}there is nothing to turn, it is so already \(lamps as operator\)\n\[4\]$/,
    );
    await up.done("auth grant r on demo.test:lamp to ann");
    assert.match(
      await refused(`send demo.test:lamp turn '{"on":true}' --agent=ann`),
      /^Cannot send to "demo.test:lamp"\n {2}no rule lets ann execute demo.test:lamp, ask .* \(SERVER as ann\)\nTry: orrery auth can ann execute demo.test:lamp\n\[3\]$/,
    );
    const directory = createTableDirectory({ lamps: node?.addresses ?? [] });
    const ann = await createMeshClient({ directory, agent: "ann" });
    const past = ann.client(Lamps).turn({ address: "demo.test:lamp", on: true });
    await assert.rejects(past, /Cannot execute "demo.test:lamp" as "ann": no rule lets ann execute demo.test:lamp/);
    await ann.stop();
    await up.done("auth grant x on demo.test:lamp to ann");
    assert.equal(await up.done(`send demo.test:lamp turn '{"on":true}' --agent=ann`), '{"on":true}\n');
  });

  it("tells of methods and resources that are not there, and of those that it may not see", async () => {
    assert.match(await refused("send demo.test:lamp trun"), /did you mean "turn"\?.*\[4\]$/s);
    assert.match(
      await refused("send demo.test:lamb turn"),
      /no such resource, did you mean "demo.test:lamp"\?.*\[4\]$/s,
    );
    assert.match(
      await refused("send demo.test:lamp turn --agent=eve"),
      /no rule lets eve read demo.test:lamp.*\[3\]$/s,
    );
    assert.match(
      await refused("send demo.test turn"),
      /its kind Space has no component .*, kinds that do are App, .*Lamp.*\n\[1\]$/s,
    );
  });

  it("does not wait longer than it is told", async () => {
    assert.match(
      await refused("send demo.test:lamp ponder --timeout=3s"),
      /^Cannot wait any longer for "lamps"\n {2}it gave no answer about demo.test:lamp within 3000 ms\nTry: .*\[5\]$/s,
    );
  });
});
