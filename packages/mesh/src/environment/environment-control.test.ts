import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { RESTARTS_MAX } from "../supervise/limits.ts";
import type { NodeProgram } from "../supervise/node-program.ts";
import { hasToken } from "../supervise/proc-files.ts";
import type { KeepRules } from "../supervise/spec.ts";
import { createStateFile } from "../supervise/state-file.ts";
import type { SuperviseEvent, Supervisor } from "../supervise/supervise.ts";
import { createSupervisor } from "../supervise/supervisor.ts";
import { createSystemControl } from "../supervise/system-control.ts";
import { createRealMachine, REAL_RULES, realProgram } from "../testing/supervise/real-machine.ts";
import { waitUntil } from "../testing/wait-until.ts";

const PROGRAM = fileURLToPath(new URL("../testing/environment/life-supervisor.ts", import.meta.url));

/** A component's folder on a machine of its own, with scripts of the shell that leave a trace. */
async function createPlace(manifest: string, scripts: Readonly<Record<string, string>> = {}) {
  const machine = await createRealMachine();
  const folder = join(machine.folder, "shop");
  mkdirSync(folder);
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o700 });
  write("component.yaml", manifest);
  for (const word of ["before", "after", "later"]) write(`${word}.sh`, `#!/bin/sh\necho ${word} >> trace\n`);
  for (const [name, text] of Object.entries(scripts)) write(name, `#!/bin/sh\n${text}\n`);
  const trace = () => {
    const file = join(folder, "trace");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  };
  return {
    ...machine,
    root: machine.folder,
    folder,
    write,
    trace,
    has: (name: string) => existsSync(join(folder, name)),
  };
}

type Place = Awaited<ReturnType<typeof createPlace>>;

interface Kept extends AsyncDisposable {
  readonly supervisor: Supervisor;
  readonly events: readonly SuperviseEvent[];
  readonly lines: readonly string[];
  readonly routes: readonly string[];
  readonly is: (state: string) => boolean;
  readonly pid: () => number;
}

/** A supervisor in this process that keeps one child up in the place. */
async function keep(
  place: Place,
  rules: Partial<KeepRules> = {},
  more: Pick<NodeProgram, "env" | "isEnvOwn" | "envFile"> = {},
): Promise<Kept> {
  const [events, lines, routes]: [SuperviseEvent[], string[], string[]] = [[], [], []];
  const supervisor = await createSupervisor({
    control: createSystemControl({
      folder: join(place.root, "s"),
      output: "ignore",
      onLine: (line) => lines.push(line),
    }),
    store: createStateFile(join(place.root, "state.json")),
    clock: createSystemClock(),
    random: createSystemRandom(),
    onEvent: (event) => events.push(event),
    onRoutes: (found) => routes.push([...found.values()].join()),
  });
  const program = { ...(realProgram("serve", place.root) as object), environment: place.folder, ...more };
  supervisor.apply({ groups: [{ name: "g", children: [{ name: "a", program }], rules: { ...REAL_RULES, ...rules } }] });
  const status = () => supervisor.status()[0];
  return {
    supervisor,
    events,
    lines,
    routes,
    is: (state) => status()?.state === state,
    pid: () => status()?.pid ?? 0,
    [Symbol.asyncDispose]: () => supervisor.stop(),
  };
}

const LIFE = "commands: { beforeStart: [before.sh], afterShutdown: [after.sh, later.sh] }";

describe("withEnvironment", () => {
  it("checks, prepares, starts, stops and cleans up, in this order, and says so", async () => {
    await using place = await createPlace(LIFE);
    const kept = await keep(place);
    await waitUntil(() => kept.is("ready"));
    assert.deepEqual(place.trace(), ["before"]);
    await kept.supervisor.stop();
    assert.deepEqual(place.trace(), ["before", "after", "later"]);
    assert.deepEqual(
      kept.events.map(({ kind }) => kind),
      ["checking", "preparing", "starting", "ready", "stopping", "cleaning", "ended"],
    );
    assert.deepEqual(readdirSync(join(place.root, "s")), []);
  });

  it("cleans up once after each process that was killed, and prepares the next", async () => {
    await using place = await createPlace(LIFE);
    await using kept = await keep(place);
    for (let life = 1; life <= 3; life++) {
      await waitUntil(() => kept.is("ready"));
      const words = place.trace().filter((word) => word !== "later");
      assert.deepEqual(words, [
        "before",
        ...Array(life - 1)
          .fill(["after", "before"])
          .flat(),
      ]);
      const pid = kept.pid();
      process.kill(pid, "SIGKILL");
      await waitUntil(() => kept.pid() !== pid);
    }
    assert.ok(kept.events.filter(({ kind }) => kind === "ended").every(({ reason }) => reason === "crashed"));
  });

  it("cleans up when all is killed", async () => {
    await using place = await createPlace(LIFE);
    const kept = await keep(place);
    await waitUntil(() => kept.is("ready"));
    await kept.supervisor.kill();
    assert.deepEqual(place.trace(), ["before", "after", "later"]);
  });

  it("starts nothing while anything is missing, gives up with all of it as the cause, and starts once it is there", async () => {
    await using place = await createPlace(`variables: { NOT_THERE: url }\nfiles: [price, list]\n${LIFE}`);
    await using kept = await keep(place, { windowMs: 1 }); // However slow it is.
    await waitUntil(() => kept.is("given-up"));
    const [status] = kept.supervisor.status();
    assert.deepEqual(status?.cause.split("\n"), [
      'Cannot start "a": something is missing, mend it and retry',
      "variable NOT_THERE is missing: set it in the environment",
      `file "${join(place.folder, "price")}" is missing: put it there`,
      `file "${join(place.folder, "list")}" is missing: put it there`,
    ]);
    assert.deepEqual([...new Set(status?.exits.map(({ reason, pid }) => `${reason} ${pid}`))], ["failed-start 0"]);
    assert.deepEqual([place.trace(), kept.events.filter(({ kind }) => kind === "starting")], [[], []]);
    assert.equal(status?.exits.length, RESTARTS_MAX);

    place.write("component.yaml", LIFE);
    kept.supervisor.retry("a");
    await waitUntil(() => kept.is("ready"));
    assert.deepEqual(place.trace(), ["before"]);
  });

  it("starts nothing when a command before it fails, tells its last line, and cleans up", async () => {
    await using place = await createPlace("commands: { beforeStart: [torn.sh], afterShutdown: [after.sh] }", {
      "torn.sh": "echo no table orders; exit 4",
    });
    await using kept = await keep(place);
    await waitUntil(() => kept.events.some(({ kind }) => kind === "ended"));
    const text = 'command "torn.sh" failed, it exited with code 4: no table orders';
    const ended = kept.events.find(({ kind }) => kind === "ended");
    assert.deepEqual([ended?.text, ended?.reason, place.trace()[0]], [text, "failed-start", "after"]);
    assert.ok(kept.events.every(({ kind }) => kind !== "starting"));
  });

  it("gives the process its variables, and shows a secret to nobody else", async () => {
    const secret = "correct-horse-battery";
    const manifest = `variables: { KEY: { secret: true, from: { file: key } }, WORD: { default: word } }
commands: { beforeStart: [print.sh], afterShutdown: [print.sh] }`;
    await using place = await createPlace(manifest, { "print.sh": 'echo "$WORD $KEY"' });
    place.write("key", secret);
    chmodSync(join(place.folder, "key"), 0o400);
    const kept = await keep(place);
    await waitUntil(() => kept.is("ready"));
    const proc = (name: string) => readFileSync(`/proc/${kept.pid()}/${name}`, "latin1").split("\0");
    assert.ok(proc("environ").includes(`KEY=${secret}`) && proc("environ").includes("WORD=word"));
    assert.ok(!proc("cmdline").join().includes(secret));
    assert.ok(!readFileSync(join(place.root, "state.json"), "utf8").includes(secret));
    await kept.supervisor.stop();
    assert.deepEqual(kept.lines, ["print.sh: word ***", "print.sh: word ***"]);
    assert.ok(!JSON.stringify([kept.events, kept.supervisor.status()]).includes(secret));
  });

  for (const isEnvOwn of [true, false])
    it(`gives commands the variables of their program, ${isEnvOwn ? "and none" : "with those"} of the supervisor`, async (t) => {
      process.env["SUPERVISORS_OWN"] = "hidden";
      t.after(() => delete process.env["SUPERVISORS_OWN"]);
      const taken = "TAKEN: { required: false, from: { env: SUPERVISORS_OWN } }";
      const manifest = `variables: { ${taken} }
checks: [check.sh]
commands: { beforeStart: [print.sh], afterShutdown: [print.sh] }`;
      const print = 'echo "$OWN $FILED [$SUPERVISORS_OWN$TAKEN]"';
      await using place = await createPlace(manifest, { "print.sh": print, "check.sh": `${print} >> checked` });
      const envFile = join(place.root, "env");
      writeFileSync(envFile, "FILED='a word'\n");
      const kept = await keep(place, {}, { isEnvOwn, env: { OWN: "own" }, envFile });
      await waitUntil(() => kept.is("ready"));
      await kept.supervisor.stop();
      const seen = `own a word [${isEnvOwn ? "" : "hiddenhidden"}]`;
      assert.equal(readFileSync(join(place.folder, "checked"), "utf8"), `${seen}\n`);
      const told = seen.replace("a word", "***"); // What comes from a file of variables is shown to nobody.
      assert.deepEqual(kept.lines, [`print.sh: ${told}`, `print.sh: ${told}`]);
    });

  it("ends a command that takes too long, tells it, and goes on", async () => {
    const manifest = "commands: { afterShutdown: [{ script: slow.sh, within: 200ms }, later.sh] }";
    await using place = await createPlace(manifest, { "slow.sh": "sleep 60" });
    const kept = await keep(place);
    await waitUntil(() => kept.is("ready"));
    await kept.supervisor.stop();
    assert.deepEqual(place.trace(), ["later"]);
    assert.deepEqual(kept.lines, ['a: command "slow.sh" failed, it took longer than 0.2 s']);
  });

  it("lets a process be up that cannot reach a place, and gives it work when it can", async () => {
    const server = createServer((socket) => socket.destroy());
    const listen = (port: number) => new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
    await listen(0);
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    await using place = await createPlace(`reach: ["tcp://127.0.0.1:${port}"]`);
    await using kept = await keep(place);
    await waitUntil(() => kept.is("ready"));
    assert.equal(kept.supervisor.status()[0]?.address, "");
    await listen(port);
    await waitUntil(() => kept.routes.at(-1) === `test:${kept.pid()}`);
    assert.deepEqual(kept.lines, [
      `a: reach tcp://127.0.0.1:${port} is not reachable (ECONNREFUSED): start it; until then this is not ready`,
    ]);
    server.close();
  });
});

describe("withEnvironment over the death of its supervisor", () => {
  const launched: (() => void)[] = [];
  const WAIT = "while [ ! -e go ]; do sleep 0.01; done";

  function launch(place: Place): {
    process: ChildProcess;
    events: SuperviseEvent[];
    pid(): number;
    kill(): Promise<void>;
  } {
    const events: SuperviseEvent[] = [];
    const child = fork(PROGRAM, [place.root, place.folder], {
      execArgv: ["--conditions=source"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.on("message", (event) => events.push(event as SuperviseEvent));
    launched.push(() => {
      child.kill("SIGKILL");
      for (const { pid } of events) if (pid > 0 && hasToken(pid, place.root) === true) process.kill(pid, "SIGKILL");
    });
    const kill = async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    };
    return { process: child, events, pid: () => events.findLast(({ kind }) => kind === "ready")?.pid ?? 0, kill };
  }

  // What a test leaves that fails.
  afterEach(() => {
    for (const end of launched.splice(0)) end();
  });

  async function finish({ process: child }: ReturnType<typeof launch>): Promise<void> {
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 0);
  }

  it("cleans up once after a process that was killed while there was no supervisor", async () => {
    await using place = await createPlace(LIFE);
    const first = launch(place);
    await waitUntil(() => first.pid() > 0);
    await first.kill();
    assert.deepEqual(place.trace(), ["before"]);
    process.kill(first.pid(), "SIGKILL");
    const second = launch(place);
    await waitUntil(() => second.pid() > 0);
    assert.deepEqual(place.trace(), ["before", "after", "later", "before"]);
    await finish(second);
    assert.deepEqual(place.trace().slice(4), ["after", "later"]);
  });

  it("goes on with a process that runs, and cleans up once after it", async () => {
    await using place = await createPlace(LIFE);
    const first = launch(place);
    await waitUntil(() => first.pid() > 0);
    await first.kill();
    const second = launch(place);
    await waitUntil(() => second.pid() > 0);
    assert.equal(second.pid(), first.pid());
    process.kill(second.pid(), "SIGKILL");
    await waitUntil(() => second.pid() !== first.pid());
    assert.deepEqual(place.trace(), ["before", "after", "later", "before"]);
    await finish(second);
  });

  it("waits for what the earlier one was cleaning up, runs nothing of it again, and the rest once", async () => {
    const manifest = "commands: { afterShutdown: [after.sh, held.sh, later.sh] }";
    await using place = await createPlace(manifest, { "held.sh": `echo held >> trace; ${WAIT}; echo done >> trace` });
    const first = launch(place);
    await waitUntil(() => first.pid() > 0);
    process.kill(first.pid(), "SIGKILL");
    await waitUntil(() => place.trace().includes("held"));
    await first.kill();
    const second = launch(place);
    place.write("go", "");
    await waitUntil(() => second.pid() > 0);
    assert.deepEqual(place.trace(), ["after", "held", "done", "later"]);
    await finish(second);
  });

  it("waits for what the earlier one was preparing, cleans up after it, and begins anew", async () => {
    const manifest = "commands: { beforeStart: [held.sh], afterShutdown: [after.sh] }";
    await using place = await createPlace(manifest, { "held.sh": `echo held >> trace; ${WAIT}; echo done >> trace` });
    const first = launch(place);
    await waitUntil(() => place.trace().includes("held"));
    await first.kill();
    const second = launch(place);
    place.write("go", "");
    await waitUntil(() => second.pid() > 0);
    assert.deepEqual(place.trace(), ["held", "done", "after", "held", "done"]);
    await finish(second);
    assert.deepEqual(place.trace().slice(5), ["after"]);
  });

  it("cleans up exactly once, whenever the supervisor is killed meanwhile", async () => {
    const steps = Array.from({ length: 12 }, (_, index) => `after-${index}.sh`);
    const scripts = Object.fromEntries(steps.map((name) => [name, `echo ${name} >> trace; sleep 0.02`]));
    await using place = await createPlace(`commands: { afterShutdown: [${steps.join(", ")}] }`, scripts);
    let supervisor = launch(place);
    await waitUntil(() => supervisor.pid() > 0);
    const pid = supervisor.pid();
    process.kill(pid, "SIGKILL");
    for (const count of [2, 7]) {
      await waitUntil(() => place.trace().length >= count);
      await supervisor.kill();
      supervisor = launch(place);
    }
    await waitUntil(() => supervisor.pid() > 0 && supervisor.pid() !== pid);
    assert.deepEqual(place.trace(), steps);
    await supervisor.kill();
    process.kill(supervisor.pid(), "SIGKILL");
  });
});
