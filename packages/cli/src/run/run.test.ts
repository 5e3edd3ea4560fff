import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { APPS, type } from "../testing/memory-terminal.ts";
import { orrery, type Running, startRun } from "../testing/orrery.ts";

const root = mkdtempSync(join(tmpdir(), "orrery-run-"));
after(() => rmSync(root, { recursive: true }));

/** A project of its own, so that run files of tests do not meet. */
function project(): string {
  const folder = mkdtempSync(join(root, "project-"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return folder;
}

const GREETER = join(APPS, "greeter.ts");
const MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

/** TCP and UDP sockets that a process has open. */
function socketsOf(pid: number): number {
  const inodes = new Set(
    ["tcp", "tcp6", "udp", "udp6"].flatMap((name) =>
      readFileSync(`/proc/${pid}/net/${name}`, "utf8")
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/)[9] ?? ""),
    ),
  );
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return links.filter((link) => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? "none")).length;
}

describe("orrery run", () => {
  const cwd = project();
  let app: Running;
  let http = "";
  const typed = (line: string) => type(line.split(" "), { cwd });
  before(async () => {
    app = startRun([GREETER, "--http", "--log=json", "--capture=frames.capture", "--agent=tester"], { cwd });
    ({ http } = await app.next("ready"));
  });
  after(() => app.child.kill("SIGKILL"));

  it("is found by a call that is typed in its project", async () => {
    const { exit, out, err } = await typed("greeter greet --name=Ada --output=json");
    assert.equal(err, "");
    assert.equal(exit, 0);
    assert.deepEqual(JSON.parse(out), { text: "Hello, Ada!", pid: app.child.pid });
  });

  it("is found by its address from anywhere", async () => {
    const [address = ""] = app.events[0]?.addresses ?? [];
    const { out } = await type(["call", "greeter", "count", "--upto=2", `--address=${address}`], { cwd: root });
    assert.equal(out, '{"n":1}\n{"n":2}\n');
  });

  it("is listed and described", async () => {
    assert.match((await typed("services")).out, /^test\.greeter +0\.0\.0 +1 ready +greet .*tcp:\/\/127\.0\.0\.1:\d+$/m);
    assert.match((await typed("describe greeter")).out, /^greet +sync +idempotent +[0-9a-f]{16} +Greets somebody$/m);
  });

  it("tells flags that a schema knows to those who have no code of it", async () => {
    assert.match((await typed("greeter greet --help")).out, /--name=string +.*Who is greeted/);
    const { exit, err } = await typed("greeter greet --nmae=x");
    assert.equal(exit, 2);
    assert.match(err, /did you mean "--name"\?/);
  });

  it("opens the HTTP door", async () => {
    const response = await fetch(`${http}/test.greeter/greet`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"name":"Ada"}',
    });
    assert.equal(((await response.json()) as { text: string }).text, "Hello, Ada!");
  });

  it("writes log lines of components to standard error", async () => {
    await typed("greeter greet --name=Log");
    await app.says('"text":"greeting"');
  });

  it("records what inspect reads", async () => {
    const { out, exit } = await typed("inspect frames.capture");
    assert.equal(exit, 0);
    assert.match(out, /<- \d+ tcp:\/\/127\.0\.0\.1:\d+ {2}request \d+, test\.greeter\.greet/);
  });

  it("lets nobody but the user read its run file", () => {
    const [name = ""] = readdirSync(join(cwd, ".orrery", "run"));
    assert.equal(name, `${app.child.pid}.directory`);
    assert.equal(statSync(join(cwd, ".orrery", "run", name)).mode & 0o777, 0o600);
  });

  it("refuses a port that is taken", async () => {
    const { exit, err, out } = await orrery(["run", GREETER, `--http=${new URL(http).port}`], { cwd: project() });
    assert.equal(exit, 4);
    assert.equal(out, "");
    assert.match(err, /^Cannot listen at .*\n {2}port is taken, choose another with --http\n$/);
  });

  it("stops cleanly when it is interrupted, and takes its run file away", async () => {
    const feed = await fetch(`${http}/test.greeter/tick`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    app.child.kill("SIGINT");
    const lines = (await feed.text()).trimEnd().split("\n"); // A feed that goes on for ever is told that this is the end.
    assert.match(lines.at(-1) ?? "", /^{"error":.*Cannot go on with stream .*is shutting down/);
    const { exit } = await app.ended;
    assert.equal(exit, 0);
    assert.equal(existsSync(join(cwd, ".orrery")), false);
    assert.equal((await typed("services")).exit, 4);
  });
});

describe("orrery run", () => {
  it("opens no socket with --no-listen", async () => {
    const cwd = project();
    const app = startRun([GREETER, "--no-listen"], { cwd });
    const { pid, addresses } = await app.next("ready");
    assert.deepEqual(addresses, []);
    assert.equal(socketsOf(pid), 0);
    assert.equal(existsSync(join(cwd, ".orrery")), false);
    app.child.kill("SIGTERM");
    assert.equal((await app.ended).exit, 0);
  });

  it("counts sockets where there are some", async () => {
    const app = startRun([GREETER], { cwd: project() });
    assert.ok(socketsOf((await app.next("ready")).pid) > 0);
    app.child.kill("SIGINT");
    await app.ended;
  });

  it("ends at once when it is interrupted twice", async () => {
    const cwd = project();
    const app = startRun([GREETER], { cwd });
    const { addresses } = await app.next("ready");
    const hanging = type(["call", "greeter", "hang", `--address=${addresses[0]}`], { cwd });
    await app.says("hanging");
    app.child.kill("SIGINT");
    await app.says("Stopping");
    app.child.kill("SIGINT");
    assert.equal((await app.ended).exit, 1);
    assert.equal((await hanging).exit, 4);
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    [
      "syntax.ts",
      "export const a = 1;\nexport const b: = 2;\n",
      /^Cannot load "syntax\.ts"\n {2}SyntaxError: .*, at syntax\.ts:2\n$/,
    ],
    [
      "none.ts",
      "export const a = 1;\n",
      /^Cannot run "none\.ts"\n {2}it exports no component, only a, write: export default/,
    ],
  ];
  for (const [name, text, says] of broken) {
    it(`says what is wrong with ${name}`, async () => {
      const cwd = project();
      writeFileSync(join(cwd, name), text);
      for (const how of ["--isolate=none", "--isolate=process"]) {
        const { exit, err, out } = await orrery(["run", name, how], { cwd });
        assert.match(err, says);
        assert.equal(exit, 1);
        assert.equal(out, "");
      }
    });
  }

  it("runs the components of a directory elsewhere beside its own", async () => {
    const remote = startRun([GREETER], { cwd: project() });
    const { addresses } = await remote.next("ready");
    const cwd = project();
    writeFileSync(join(cwd, "network.txt"), `test.greeter ${addresses[0]}\n`);
    const { out } = await type(["call", "greeter", "greet", "--name=Far", "--directory=network.txt", "--output=json"], {
      cwd,
    });
    assert.equal((JSON.parse(out) as { text: string }).text, "Hello, Far!");
    remote.child.kill("SIGINT");
    await remote.ended;
  });
});

describe("orrery run --isolate=process", () => {
  const cwd = project();
  let app: Running;
  let pids: readonly number[] = [];
  let addresses: readonly string[] = [];
  let http = "";
  /** Process that answers; at an address, or wherever the command goes. */
  const greet = async (...where: readonly string[]) => {
    const { out } = await type(["greeter", "greet", "--name=Ada", "--output=json", ...where], { cwd });
    return (JSON.parse(out) as { pid: number }).pid;
  };
  before(async () => {
    app = startRun([GREETER, "--isolate=process", "--instances=greeter=2", "--http"], { cwd });
    const ready = await app.next("ready");
    ({ http, addresses } = ready);
    pids = ready.components[0]?.instances.map(({ pid }) => pid) ?? [];
  });
  after(() => app.child.kill("SIGKILL"));

  it("starts a process for each instance", async () => {
    assert.equal(new Set([...pids, app.child.pid]).size, 3);
    assert.ok(pids.includes(await greet()));
  });

  it("serves HTTP in front of the processes", async () => {
    const response = await fetch(`${http}/test.greeter/greet`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"name":"Ada"}',
    });
    assert.ok(pids.includes(((await response.json()) as { pid: number }).pid));
  });

  it("loses one process, keeps answering, and has another in its place", async () => {
    const [victim = 0, other = 0] = pids;
    process.kill(victim, "SIGKILL");
    await app.next("crashed");
    assert.notEqual(await greet(), victim);
    const { component } = await app.next("restarted");
    assert.equal(component, "test.greeter");
    const [first, second] = await Promise.all(addresses.map((address) => greet(`--address=${address}`)));
    assert.ok(first !== undefined && !pids.includes(first));
    assert.equal(second, other);
  });

  it("ends with all its processes when it is interrupted", async () => {
    app.child.kill("SIGINT");
    assert.equal((await app.ended).exit, 0);
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
    assert.equal(existsSync(join(cwd, ".orrery")), false);
  });
});

describe("orrery run --watch", () => {
  const component = (text: string) => `
import { defineComponent, defineService, json } from "@orrery/core";
import { word } from "./word.ts";

export const Talker = defineService("talker", { say: { request: json<object>(), reply: json<{ text: string }>() } });
export default defineComponent(Talker, () => ({ say: () => ({ text: "${text} " + word }) }));
`;
  const cwd = project();
  let app: Running;
  const say = async () =>
    (JSON.parse((await type(["talker", "say", "--output=json"], { cwd })).out) as { text: string }).text;
  before(async () => {
    symlinkSync(MODULES, join(cwd, "node_modules"));
    writeFileSync(join(cwd, "talker.ts"), component("first"));
    writeFileSync(join(cwd, "word.ts"), 'export const word = "one";\n');
    app = startRun(["talker.ts", "--watch", "--http"], { cwd });
    await app.next("ready");
  });
  after(() => app.child.kill("SIGKILL"));

  it("starts again at the same addresses when the component changes", async () => {
    assert.equal(await say(), "first one");
    writeFileSync(join(cwd, "talker.ts"), component("second"));
    const { addresses, http } = await app.next("ready");
    assert.deepEqual(addresses, app.events[0]?.addresses);
    assert.equal(http, app.events[0]?.http);
    assert.equal(await say(), "second one");
  });

  it("starts again when an imported file changes", async () => {
    writeFileSync(join(cwd, "word.ts"), 'export const word = "two";\n');
    await app.next("ready");
    assert.equal(await say(), "second two");
  });

  it("starts again when the component.yaml comes, changes, or is mended", async () => {
    const manifest = (text: string) => writeFileSync(join(cwd, "component.yaml"), text);
    manifest("version: 2.0.0");
    assert.match(JSON.stringify(await app.next("ready")), /"version":"2\.0\.0"/);
    manifest("files: [none.json]");
    await app.says("Cannot start: 1 thing is missing");
    manifest("");
    await app.next("ready");
  });

  it("says what a broken edit is, and goes on after the next", async () => {
    writeFileSync(join(cwd, "talker.ts"), `${component("third")}\nconst broken: = 1;\n`);
    await app.says('Cannot load \\"talker.ts\\": SyntaxError');
    await app.says("It has ended; it is started again when a file changes");
    writeFileSync(join(cwd, "talker.ts"), component("third"));
    await app.next("ready");
    assert.equal(await say(), "third two");
  });

  it("ends cleanly when it is interrupted", async () => {
    app.child.kill("SIGINT");
    assert.equal((await app.ended).exit, 0);
    assert.equal(existsSync(join(cwd, ".orrery")), false);
  });
});
