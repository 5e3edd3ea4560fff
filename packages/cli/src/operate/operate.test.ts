import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createMeshNode } from "@orrery/mesh";
import { greeter } from "../testing/apps/greeter.ts";
import { APPS, type TypeOptions, type } from "../testing/memory-terminal.ts";
import { type Running, startRun } from "../testing/orrery.ts";

const root = mkdtempSync(join(tmpdir(), "orrery-operate-"));
after(() => rmSync(root, { recursive: true }));

function project(): string {
  const cwd = mkdtempSync(join(root, "project-"));
  writeFileSync(join(cwd, "package.json"), '{"type":"module"}');
  return cwd;
}

interface NodeFact {
  readonly node: string;
  readonly state: string;
  readonly address: string;
  readonly why: string;
  readonly pid: number;
  readonly components: readonly { readonly name: string; readonly version: string; readonly instances: number }[];
}

interface CapacityLine {
  readonly node: string;
  readonly instances: number;
  readonly ready: number;
  readonly inboxMessages: number;
}

describe("the commands of operators, against real processes", () => {
  const cwd = project();
  let app: Running;
  const json = async <T>(...words: string[]): Promise<T> => {
    const { exit, out, err } = await type([...words, "--output=json"], { cwd });
    assert.deepEqual([exit, err], [0, ""], words.join(" "));
    return JSON.parse(out) as T;
  };

  before(async () => {
    app = startRun([join(APPS, "greeter.ts"), "--isolate=process", "--instances=greeter=3"], { cwd });
    await app.next("ready");
  });
  after(async () => {
    app.child.kill("SIGINT");
    await app.ended;
  });

  it("orrery nodes lists every process, with what it runs and what it takes", async () => {
    const nodes = await json<NodeFact[]>("nodes");
    assert.deepEqual(
      nodes.map(({ node, state, components }) => [node, state, components.map(({ name }) => name)]),
      [0, 1, 2].map((at) => [`test.greeter-${at}`, "alive", ["test.greeter"]]),
    );
    assert.equal(new Set(nodes.map(({ pid }) => pid)).size, 3);
    const { out } = await type(["nodes"], { cwd });
    assert.match(out, /^NODE +STATUS +ADDRESS +COMPONENTS +LOAD +UP +MEMORY$/m);
    assert.match(
      out,
      /^test\.greeter-0 +alive +tcp:\/\/127\.0\.0\.1:\d+ +greeter@0\.0\.0 +idle +[\d.]+ m?s +\d+ MiB$/m,
    );
  });

  it("orrery nodes asks by one address for those that this node's directory names, too", async () => {
    const [first] = await json<NodeFact[]>("nodes");
    const found = await type(["nodes", `--address=${first?.address}`, "--output=json"], { cwd: root });
    assert.deepEqual(
      (JSON.parse(found.out) as NodeFact[]).map(({ node }) => node),
      ["test.greeter-0", "test.greeter-1", "test.greeter-2"],
    );
  });

  it("orrery refuses who is no operator, with exit code 3 and the rule", async () => {
    const { exit, err } = await type(["drain", "test.greeter-0", "--agent=ada"], { cwd });
    assert.equal(exit, 3);
    assert.match(err, /as agent "ada"\n {2}its rule "operators" lets in "operator" and nobody else/);
  });

  it("orrery scale spreads instances over nodes, and says where", async () => {
    const { exit, out } = await type(["scale", "greeter=5"], { cwd });
    assert.equal(exit, 0);
    assert.match(out, /^test\.greeter has 5 instances, it had 3:\n {2}test\.greeter-0 {2}1 -> 2$/m);
    const lines = await json<CapacityLine[]>("capacity");
    assert.deepEqual(
      lines.map(({ instances, ready }) => [instances, ready]),
      [
        [2, 2],
        [2, 2],
        [1, 1],
      ],
    );
    assert.match((await type(["scale", "greeter=3"], { cwd })).out, /test\.greeter-0 {2}2 -> 1/);
    assert.match((await type(["scale", "greeter=3"], { cwd })).out, /has 3 instances already/);
  });

  it("orrery capacity set changes one node live, and shows what it came to", async () => {
    const words = ["capacity", "set", "greeter", "--instances=2", "--inbox=50", "--node=test.greeter-1"];
    const [line, ...others] = await json<CapacityLine[]>(...words);
    assert.deepEqual(others, []);
    assert.deepEqual([line?.node, line?.instances, line?.ready, line?.inboxMessages], ["test.greeter-1", 2, 2, 50]);
  });

  it("orrery trace --watch follows a component and takes its watches away", async () => {
    const watching = type(["trace", "--watch", "--component=greeter", "--for=10s", "--output=json"], {
      cwd,
      linesMax: 1,
    });
    const calls: number[] = [];
    let isOver = false;
    void watching.finally(() => {
      isOver = true;
    });
    while (!isOver) calls.push((await type(["greeter", "greet", "--name=Ada"], { cwd })).exit);
    const { exit, out } = await watching;
    assert.equal(exit, 0);
    const span = JSON.parse(out.split("\n")[0] ?? "") as Record<string, unknown>;
    assert.deepEqual(
      [span["component"], span["method"], span["side"], span["outcome"], span["watched"]],
      ["test.greeter", "greet", "receiver", "reply", true],
    );
    const traces = await json<{ readonly messages: readonly { readonly method: string }[] }[]>(
      "trace",
      "--component=greeter",
    );
    assert.equal(traces.at(-1)?.messages[0]?.method, "greet");
    assert.match(
      (await type(["trace"], { cwd })).out,
      /\|=+\| +\+0\.0 ms .* test\.greeter\.greet +\? -> test\.greeter-\d$/m,
    );
  });

  it("orrery top prints one table where no screen is, and JSON with rates", async () => {
    const { exit, out } = await type(["top"], { cwd });
    assert.equal(exit, 0);
    assert.match(out, /^\d\d:\d\d:\d\d {2}3 nodes, 0 busy, 0 wait, 0 msg\/s$/m);
    assert.match(out, /^test\.greeter-0 +alive +greeter +0\.0\.0 +1\/1 +0 +0 +- +0 +0 +\d+% +\d+ MiB$/m);
    const { rows } = await json<{ rows: readonly { readonly node: string; readonly perSecond: number }[] }>(
      "top",
      "--once",
    );
    assert.deepEqual(
      rows.map(({ perSecond }) => perSecond),
      [0, 0, 0],
    );
  });

  it("orrery top draws again and again on a screen, obeys keys, and gives the screen back", async () => {
    const pictures: (readonly string[])[] = [];
    let key: (typed: string) => void = () => undefined;
    const options: TypeOptions = {
      ...{ cwd, isScreen: true, size: { columns: 60, rows: 12 } },
      onKeys: (typing) => {
        key = typing;
      },
      onDraw: (lines) => {
        pictures.push(lines);
        if (pictures.length === 2) key("s");
        if (pictures.length === 4) key("q");
      },
    };
    const { exit, out } = await type(["top", "--every=50ms"], options);
    assert.deepEqual([exit, out], [0, "closed\n"]);
    assert.equal(pictures.length, 4);
    assert.match(pictures[0]?.[1] ?? "", /^by busy {2}q: end/);
    assert.match(pictures[3]?.[1] ?? "", /^by wait {2}q: end/);
  });

  it("orrery explain says from each node where a call would go", async () => {
    const { exit, out } = await type(["explain", "greeter.greet", "--from=test.greeter-0"], { cwd });
    assert.equal(exit, 0);
    assert.match(out, /^From test\.greeter-0:\n {2}test\.greeter-0 +0\.0\.0 +process +may be chosen/);
    assert.match(out, /^ {2}test\.greeter-1 +network +left out by near: the node itself serves it$/m);
    assert.match(out, /^ {2}scope any, for nobody says otherwise$/m);
  });

  it("orrery drain empties a component, which comes back, and a node, which does not", async () => {
    const drained = await type(["drain", "test.greeter-2/greeter"], { cwd });
    assert.deepEqual(
      [drained.exit, drained.out],
      [0, "test.greeter of test.greeter-2 is drained: it takes nothing new, and had nothing to finish\n"],
    );
    assert.match(
      drained.err,
      /^Next: orrery capacity set test\.greeter --node=test\.greeter-2 --instances=1 brings it back$/m,
    );
    await json("capacity", "set", "greeter", "--node=test.greeter-2", "--instances=1");
    assert.equal((await type(["drain", "test.greeter-0"], { cwd })).exit, 0);
    const states = (await json<NodeFact[]>("nodes")).map(({ node, state }) => [node, state]);
    assert.deepEqual(states, [
      ["test.greeter-0", "drained"],
      ["test.greeter-1", "alive"],
      ["test.greeter-2", "alive"],
    ]);
    assert.match((await type(["scale", "greeter=2"], { cwd })).out, /it had 3/);
  });

  it("orrery says what is wrong with what was typed, and what to type", async () => {
    const cases: readonly (readonly [words: string, exit: number, text: RegExp])[] = [
      ["drain nobody", 4, /Cannot find node "nobody"\n {2}there are test\.greeter-0, .*\nTry: orrery nodes/],
      ["drain test.greeter-1/greter", 4, /Cannot find component "greter"\n {2}did you mean "?test\.greeter/],
      ["scale greeter", 2, /write COMPONENT=N, such as greeter=3/],
      ["scale greeter=many", 2, /"many" is no whole number from 0/],
      ["scale greeter=5000", 2, /instances is \d+, write a whole number from 0 to 1024/],
      ["capacity set greeter", 2, /say what of it, with --instances=N/],
      ["capacity set greeter --instances=-1", 2, /"-1" is no whole number from 0/],
      ["circuit opne x", 2, /did you mean "?circuit open/],
      ["circuit open bank", 4, /no node has one, it makes one with its first call/],
      ["circuit throttle imports --per-second=5", 4, /Cannot change throttle "imports"\n {2}no node has any/],
      ["circuit throttle imports", 2, /with --per-second=N or --concurrency=N/],
      ["trace --watch", 2, /name a flow or a component/],
      ["trace --watch --flow=x --for=2h", 2, /forMs is 7200000, write a number of ms from 1 to 3600000/],
      ["explain nothing.here", 4, /Cannot find component "nothing"/],
      ["top --sort=colour", 2, /is none of its values/],
    ];
    for (const [words, exit, text] of cases) {
      const ended = await type(words.split(" "), { cwd });
      assert.match(ended.err, text, words);
      assert.equal(ended.exit, exit, `${words}: ${ended.err}`);
    }
  });
});

it("orrery nodes says what to type where nothing runs, where nobody answers, and where nobody serves operators", async () => {
  const none = await type(["nodes"], { cwd: project() });
  assert.equal(none.exit, 4);
  assert.match(none.err, /no node of this project runs\nTry: orrery run FILE, or name a node with --address=ADDRESS/);
  const gone = await type(["nodes", "--address=tcp://127.0.0.1:9", "--timeout=300ms"]);
  assert.equal(gone.exit, 4);
  assert.match(gone.err, /Cannot reach any node\n {2}nobody answers at tcp:\/\/127\.0\.0\.1:9/);
  const node = await createMeshNode({ components: [greeter], listen: ["tcp://127.0.0.1:0"] });
  await node.start();
  const closed = await type(["nodes", `--address=${node.addresses[0]}`]);
  await node.stop();
  assert.equal(closed.exit, 4);
  assert.match(
    closed.err,
    /they serve no operators\nTry: start them with orrery run, or by createMeshNode\({ operate: true }\)/,
  );
  const both = await type(["nodes", "--address=tcp://127.0.0.1:9", "--directory=x"]);
  assert.equal(both.exit, 2);
});

it("orrery nodes shows distances, nodes that are silent, and those that left; circuit moves what a node has called", async (t) => {
  const seeds = ["tcp://127.0.0.1:0"];
  const common = { listen: seeds, operate: true, seeds: [] as string[] };
  const first = await createMeshNode({ ...common, name: "first", components: [] });
  await first.start();
  const address = first.addresses[0] as string;
  const second = await createMeshNode({ ...common, name: "second", components: [greeter], seeds: [address] });
  await second.start();
  const closed = await createMeshNode({
    ...common,
    operate: false,
    name: "third",
    components: [greeter],
    seeds: [address],
  });
  await closed.start();
  t.after(() => Promise.all([first, second, closed].map((node) => node.stop({ timeoutMs: 0 }))));
  const { Greeter } = await import("../testing/apps/greeter.ts");
  for (let call = 0; call < 6; call++) await first.client(Greeter).greet({ name: "Ada" });
  const at = `--address=${address}`;
  const words = async (...typed: string[]) =>
    JSON.parse((await type([...typed, at, "--output=json"])).out) as NodeFact[];
  const nodes = await words("nodes");
  assert.deepEqual(
    nodes.map(({ node, state, why, components }) => [node, state, why, components.length]),
    [
      ["first", "alive", "", 0],
      ["second", "alive", "", 1],
      ["third", "alive", "serves no operators", 1],
    ],
  );
  const moved = (await words("circuit", "open", "test.greeter", "--node=first", "--for=1m")) as unknown as {
    readonly circuits: readonly { readonly group: string; readonly state: string }[];
  }[];
  assert.ok((moved[0]?.circuits.length ?? 0) > 0);
  assert.ok(moved[0]?.circuits.every(({ state }) => state === "open"));
  const listed = await type(["circuit", at, "--node=first"]);
  assert.match(listed.out, /^first +test\.greeter +tcp:\S+ +open +\d+ +0 +0 +was opened by hand, tried again in \d/m);
  assert.match((await type(["circuit", "reset", at, "--node=first"])).out, / closed /);
  for (const wait of ["--wait=1m", "--wait=1ms"]) {
    const drained = await type(["drain", "second", at, wait]);
    assert.deepEqual([drained.exit, drained.out.split(":")[0]], [0, "second is drained"], drained.err);
  }
  await second.stop();
  const gone = (await words("nodes")).find(({ node }) => node === "second");
  assert.deepEqual([gone?.state, gone?.why], ["left", "it left in good order"]);
});
