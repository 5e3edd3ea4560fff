import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createTableDirectory } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { RegistryService } from "@orrery/registry/service";
import { orrery, type Running, startEvents, startLines } from "../testing/orrery.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  await up.done("exec 'create demo.test<Space>; create demo.test:files<FileSystem>'");
});
after(() => up[Symbol.asyncDispose]());

interface Told {
  readonly event: string;
  readonly revision: number;
  readonly parts: readonly string[];
  readonly address: string;
  readonly kind: string;
}

function readLines(out: string): readonly Told[] {
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
}

describe("orrery watch", () => {
  it("tells every change from a revision on as lines of JSON, and ends after --count", async () => {
    await up.done("create 'demo.test:w<Base>'");
    const from = (await up.done("get 'demo.test:w{ revision }'")).trim();
    await up.done("set demo.test:w --set title=one");
    await up.done("set demo.test:w --set title=two");
    const told = readLines(await up.done(`watch demo.test:w --after=${from} --count=2`));
    assert.deepEqual(
      told.map(({ event, parts }) => [event, parts]),
      [
        ["change", ["properties"]],
        ["change", ["properties"]],
      ],
    );
    assert.ok((told[0]?.revision ?? 0) < (told[1]?.revision ?? 0));
  });

  it("tells of children that come and go, of deeper ones when it is told to, and ends with what is watched", async () => {
    await up.done("create 'demo.test:top<Base>'");
    const from = (await up.done("get 'demo.test:top{ revision }'")).trim();
    await up.done(
      "exec 'create demo.test:top:a<Base>; create demo.test:top:a:b<Base>; set demo.test:top:a --set title=x; rm demo.test:top --recursive'",
    );
    const events = async (flag: string) =>
      readLines(await up.done(`watch demo.test:top ${flag} --after=${from}`)).map(
        ({ event, address, kind }) => `${event} ${address}<${kind}>`,
      );
    const near = ["add demo.test:top:a<Base>", "remove demo.test:top:a<Base>", "remove demo.test:top<Base>"];
    assert.deepEqual(await events("--children"), near);
    assert.deepEqual(await events("--deep"), [
      near[0],
      "add demo.test:top:a:b<Base>",
      "remove demo.test:top:a:b<Base>",
      ...near.slice(1),
    ]);
  });

  it("refuses what is not there", async () => {
    const { exit, err } = await up.orrery("watch demo.test:nobody");
    assert.equal(exit, 4);
    assert.match(err, /there is no such resource/);
  });

  it("draws a line for each resource on a terminal, anew with each change, and leaves the last picture", async () => {
    await up.done("create 'demo.test:live<Base>'");
    await up.done("create 'demo.test:live:old<Base>'");
    const screen = createScreen();
    const watching = up.orrery("watch demo.test:live --children", screen.options);
    assert.deepEqual((await screen.shows("demo.test:live:old")).slice(1, 4), [
      "q: end",
      "",
      "ADDRESS             KIND  STATUS  REVISION  CHANGE  BY  AT",
    ]);
    await up.done("create 'demo.test:live:new<Base>'");
    await screen.shows("added");
    await up.done("set demo.test:live:old --set title=x"); // Nobody asked for it, and it is seen all the same.
    await screen.shows("properties");
    await up.done("rm demo.test:live:new");
    await screen.shows("removed");
    screen.type("q");
    const { exit, out, err } = await watching;
    assert.deepEqual([exit, err], [0, ""]);
    const [closed, ...picture] = out
      .replace(/\d\d:\d\d:\d\d/g, "TIME")
      .trimEnd()
      .split("\n");
    const revision = Number((await up.done("get 'demo.test:live:old{ revision }'")).trim());
    assert.equal(closed, "closed");
    assert.deepEqual(picture, [
      `demo.test:live  3 resources, 2 changes, revision ${revision + 1}`,
      "",
      "ADDRESS             KIND  STATUS     REVISION  CHANGE      BY        AT",
      `demo.test:live      Base  Ready     ${String(revision - 3).padStart(9)}`,
      `demo.test:live:new  Base  Destroyed ${String(revision + 1).padStart(9)}  removed     operator  TIME`,
      `demo.test:live:old  Base  Ready     ${String(revision).padStart(9)}  properties  operator  TIME`,
    ]);
  });
});

/** A screen that can be waited for. */
function createScreen() {
  let latest: readonly string[] = [];
  let key: (text: string) => void = () => {};
  let look = () => {};
  return {
    options: {
      isScreen: true,
      env: { NO_COLOR: "1" },
      onDraw: (lines: readonly string[]) => {
        latest = lines;
        look();
      },
      onKeys: (type: (text: string) => void) => {
        key = type;
      },
    },
    type: (text: string) => key(text),
    /** The first picture that has a text. */
    shows: (text: string) =>
      new Promise<readonly string[]>((resolve) => {
        look = () => {
          if (latest.some((line) => line.includes(text))) resolve(latest);
        };
        look();
      }),
  };
}

describe("orrery watch, in a process of its own beside orrery up", () => {
  const cwd = mkdtempSync(join(tmpdir(), "orrery-watch-"));
  const running = new Set<Running>();
  after(() => {
    for (const { child } of running) child.kill("SIGKILL");
    rmSync(cwd, { recursive: true, force: true });
  });
  const keep = (one: Running) => {
    running.add(one);
    return one;
  };
  /** Starts a server over the same folder each time. */
  const startUp = async (port = "0") => {
    const words = ["up", "--database=pglite", `--port=${port}`, "--http=0"];
    const server = keep(startEvents(words, { cwd }));
    const { address } = await server.next("ready");
    const env = { ORRERY_SERVER: address };
    const ask = async (...typed: readonly string[]) => {
      const { exit, out, err } = await orrery(typed, { cwd, env });
      assert.equal(exit, 0, `${typed.join(" ")}: ${err}`);
      return out;
    };
    const watch = async (...typed: readonly string[]) => {
      const watcher = keep(startLines(["watch", ...typed], { cwd, env }));
      await watcher.says("Watching ");
      return watcher;
    };
    return { server, address, ask, watch };
  };

  it("goes on where it was when its server is killed and started again: nothing is lost, and nothing told twice", async () => {
    const first = await startUp();
    await first.ask("create", "demo.test<Space>");
    await first.ask("create", "demo.test:b<Base>");
    const watcher = await first.watch("demo.test:b");
    const directory = createTableDirectory({ [RegistryService.typeName]: [first.address] });
    await using client = await createMeshClient({ directory, agent: "operator" });
    const registry = client.client(RegistryService);
    let written = 0;
    const write = async () => {
      for (;;) {
        const properties = { title: `title ${written}` };
        await registry.change({ address: "demo.test:b", properties }, { timeoutMs: 60_000 });
        if (++written === 50) first.server.child.kill("SIGKILL"); // The next one may be done or not: nobody is told.
      }
    };
    await assert.rejects(write(), { code: "unavailable" });
    await first.server.ended;
    await watcher.says("went away, waiting for it at revision");

    const second = await startUp(first.address.slice(first.address.lastIndexOf(":") + 1));
    await second.ask("set", "demo.test:b", "--set", "title=last");
    await watcher.says("is back, going on from revision");
    await second.ask("rm", "demo.test:b");
    const { exit, out } = await watcher.ended;
    assert.equal(exit, 0);
    const told = readLines(out).map(({ revision }) => revision);
    assert.ok(told.length >= 52, String(told.length));
    const [from = 0] = told;
    assert.deepEqual(
      told,
      told.map((_, n) => from + n),
    );
    assert.equal(out, await second.ask("watch", "demo.test:b", `--after=${from - 1}`));
    second.server.child.kill("SIGTERM");
    assert.equal((await second.server.ended).exit, 0);
  });

  it("tells of what is copied, what comes and goes and its own end, and that its server stays away", async () => {
    const { server, ask, watch } = await startUp();
    await ask("create", "demo.test:files<FileSystem>");
    writeFileSync(join(cwd, "a.bin"), "one");
    await ask("cp", "a.bin", "demo.test:files:/d/a.bin");
    const file = await watch("demo.test:files:/d/a.bin", "--count=2");
    const children = await watch("demo.test:files", "--children");
    for (const content of ["two", "three"]) {
      writeFileSync(join(cwd, "a.bin"), content);
      await ask("cp", "a.bin", "demo.test:files:/d/a.bin");
    }
    const copied = await file.ended;
    assert.equal(copied.exit, 0);
    const [one, two, ...others] = readLines(copied.out);
    assert.deepEqual([one?.parts, two?.parts, others], [["state"], ["state"], []]);
    assert.ok((one?.revision ?? 0) < (two?.revision ?? 0));

    await ask("cp", "a.bin", "demo.test:files:/c.bin");
    await ask("rm", "demo.test:files:/c.bin");
    await ask("rm", "demo.test:files", "--recursive");
    const gone = await children.ended;
    assert.equal(gone.exit, 0);
    assert.deepEqual(
      readLines(gone.out).map(({ event, address, kind }) => `${event} ${address}<${kind}>`),
      [
        "add demo.test:files:/c.bin<File>",
        "remove demo.test:files:/c.bin<File>",
        "remove demo.test:files:/d/<Directory>",
        "remove demo.test:files<FileSystem>",
      ],
    );

    const left = await watch("demo.test", "--wait=100ms");
    server.child.kill("SIGTERM");
    assert.equal((await server.ended).exit, 0);
    const { exit, err } = await left.ended;
    assert.equal(exit, 4);
    assert.match(
      err,
      /\ntcp:\S+ went away, waiting for it at revision \d+\nCannot go on watching\n {2}"tcp:\S+" stayed away\nTry: /,
    );
  });
});
