import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { splitScript } from "../resources/split-line.ts";
import { curl } from "../testing/curl.ts";
import { type Typed, type } from "../testing/memory-terminal.ts";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-apps-"));
chmodSync(cwd, 0o755);
const agent = new Agent({ keepAlive: true });
let up: Running;
let ready: RunEvent & { readonly web: string };
before(async () => {
  await start();
});
after(async () => {
  agent.destroy();
  up?.child.kill("SIGTERM");
  await up?.ended;
  for (const pid of processes()) process.kill(pid, "SIGKILL");
  rmSync(cwd, { recursive: true, force: true });
});

async function start(): Promise<void> {
  up = startEvents(["up", "--port=0", "--http=0", "--web-port=0", "--database=pglite", "--isolation=none"], {
    cwd,
    env: { OPERATORS_OWN: "hidden" },
  });
  ready = (await up.next("ready")) as typeof ready;
}

function typed(line: string): Promise<Typed> {
  const words = splitScript(line)[0]?.words ?? [];
  return type(words, { cwd, env: { ORRERY_SERVER: ready.address, HOME: cwd } });
}

async function done(line: string): Promise<string> {
  const { exit, out, err } = await typed(line);
  assert.equal(exit, 0, `${line}: ${err}`);
  return out;
}

interface Shown {
  readonly status: { readonly state: string; readonly reason?: string; readonly details?: { readonly runs?: string } };
}

/** Waits until the status of an app is as it should be. */
async function until(app: string, is: (status: Shown["status"]) => boolean): Promise<Shown["status"]> {
  for (const lastMs = performance.now() + 30_000; ; ) {
    const { status } = JSON.parse(await done(`get ${app} --output=json`)) as Shown;
    if (is(status)) return status;
    assert.ok(performance.now() < lastMs, `${app} is ${JSON.stringify(status)}`);
  }
}

/** Processes of apps that run over this folder. */
function processes(): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const isOurs = readFileSync(`/proc/${name}/environ`, "latin1").includes(join(cwd, ".orrery/data/apps/"));
      const isAlive = !readFileSync(`/proc/${name}/stat`, "latin1").includes(") Z ");
      const isChild = readFileSync(`/proc/${name}/cmdline`, "latin1").includes("supervised-process");
      return isOurs && isAlive && isChild ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

const COUNTER = (version: string, body = "") => `
import { defineComponent, defineService, json } from "@orrery/core";
import { RegistryService } from "@orrery/registry/service";
const Greeter = defineService("test.greeter", {
  greet: { request: json<{ name?: string }>(), reply: json<{ text: string; pid: number; sees: string }>() },
  read: { request: json<{ address: string }>(), reply: json<{ state: string }>() },
});
${body}
export default defineComponent(Greeter, () => ({
  greet: async ({ name = "you" }, context) => {
    await context.clock.sleep(5);
    const { GREETING = "", API_KEY = "", OPERATORS_OWN = "" } = process.env;
    return { text: GREETING + ", " + name + " from ${version}", pid: process.pid, sees: API_KEY + OPERATORS_OWN };
  },
  read: async ({ address }, context) => {
    const { resource } = await context.client(RegistryService).get({ address });
    return { state: resource?.status?.state ?? "" };
  },
}));
`;
const APP = `
components: { greeter: greeter.ts }
env: { GREETING: Hello }
routes:
  - { path: /greet, service: test.greeter/greet }
  - { path: /read, service: test.greeter/read }
  - { path: "/{rest*}", files: "/html/{rest}" }
`;

/** Files of an app with a secret, which its commands look at, too. */
const SECRETIVE = {
  "component.yaml": "checks: [look.mjs]\ncommands: { beforeStart: [look.mjs], afterShutdown: [bye.mjs] }\n",
  "look.mjs": "if (process.env.API_KEY !== 's3cr et' || 'OPERATORS_OWN' in process.env) process.exit(1);",
  "bye.mjs": `
    import { appendFileSync } from "node:fs";
    const { API_KEY = "nothing", BYES } = process.env;
    appendFileSync(BYES, API_KEY + "\\n");
    console.log("bye,", API_KEY, "of", process.cwd());
  `,
  "orrery.yaml": `${APP.replace("Hello }", `Hello, BYES: ${join(cwd, "byes")} }`)}secrets: { API_KEY: api-key }\n`,
};

function write(files: Readonly<Record<string, string>>): void {
  rmSync(join(cwd, "src"), { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, "src", path)), { recursive: true });
    writeFileSync(join(cwd, "src", path), text);
  }
}

async function publish(version: string, files: Readonly<Record<string, string>>): Promise<void> {
  write({ "orrery.yaml": APP, "html/index.html": `<h1>${version}</h1>`, ...files });
  await done(`publish src demo.test:app-src:${version}`);
}

const setTo = (version: string) => done(`set 'demo.test:app{ +config=demo.test:app-src:${version}:/orrery.yaml }'`);
const runs = (version: string) => (status: Shown["status"]) =>
  status.state === "Ready" && status.reason === undefined && status.details?.runs?.includes(`:${version}:`) === true;

async function post(path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const more = ["-d", JSON.stringify(body), "-H", "Content-Type: application/json"];
  const answer = await curl(`${ready.web}${path}`, "demo.test", more);
  return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
}

/** Calls once over a connection that stays. */
function ask(): Promise<{ status: number | undefined; text: string }> {
  const headers = { host: "demo.test", "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const asking = request(`${ready.web}/greet`, { method: "POST", headers, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
    });
    asking.on("error", reject).end("{}");
  });
}

/** Calls until it is told to end; every answer must be good. */
function load(): { stop(): Promise<{ calls: number; texts: ReadonlySet<unknown> }> } {
  let isOver = false;
  let calls = 0;
  const texts = new Set<unknown>();
  const one = async () => {
    while (!isOver) {
      const { status, text } = await ask();
      assert.equal(status, 200, text);
      texts.add((JSON.parse(text) as { text: string }).text);
      calls++;
    }
  };
  const all = Promise.all([one(), one(), one()]);
  return {
    stop: async () => {
      isOver = true;
      await all;
      return { calls, texts };
    },
  };
}

describe("an App under orrery up", () => {
  it("is refused without a config", async () => {
    await done("create demo.test<Space>");
    await done("create 'demo.test:public<Grant>{ +to=anyone, +verbs=r, +on=demo.test:app-src:** }'");
    const { exit, err } = await typed("create demo.test:app<App>");
    assert.notEqual(exit, 0);
    assert.match(err, /kind App requires it: give \+config=VALUE/);
  });

  it("is Panic where something is missing, with the artifact named, and Ready when it comes", async () => {
    await done("create 'demo.test:app<App>{ +config=demo.test:app-src:1.0.0:/orrery.yaml }'");
    const missing = await until("demo.test:app", ({ state }) => state === "Panic");
    assert.match(missing.reason ?? "", /there is no "demo\.test:app-src:1\.0\.0:\/orrery\.yaml", publish it/);
    await publish("0.9.0", { "readme.txt": "no code" });
    await setTo("0.9.0");
    const codeless = await until("demo.test:app", ({ reason }) => reason?.includes("greeter.ts") === true);
    assert.match(
      codeless.reason ?? "",
      /its component "greeter" is missing, there is no "demo\.test:app-src:0\.9\.0:\/greeter\.ts"/,
    );
    await setTo("1.0.0");
    await publish("1.0.0", { "greeter.ts": COUNTER("1.0.0") });
    await until("demo.test:app", runs("1.0.0"));
    assert.equal(processes().length, 1);
  });

  it("answers by its routes: a page of its own bundle, and methods of its components", async () => {
    const page = await curl(`${ready.web}/`, "demo.test");
    assert.deepEqual([page.status, page.body], [200, "<h1>1.0.0</h1>"]);
    const refused = await post("/greet", { name: "Ann" });
    assert.deepEqual([refused.status, refused.body["code"]], [404, "not_found"]);
    await done("auth grant execute on demo.test:app to anyone");
    const { status, body } = await post("/greet", { name: "Ann" });
    assert.deepEqual([status, body["text"], body["sees"]], [200, "Hello, Ann from 1.0.0", ""]);
    await done("auth revoke x on demo.test:app to anyone");
    assert.equal((await post("/greet", { name: "Ann" })).status, 404);
    await done("auth grant execute on demo.test:app to anyone");
  });

  it("takes messages of its components' methods from who may execute it, by the command", async () => {
    const greet = `send demo.test:app test.greeter/greet '{"name":"Bob"}'`;
    assert.equal((JSON.parse(await done(greet)) as { text: string }).text, "Hello, Bob from 1.0.0");
    await done("auth revoke x on demo.test:app to anyone");
    const refused = await typed(`${greet} --agent=ann`);
    assert.equal(refused.exit, 3, refused.err);
    assert.match(refused.err, /no rule lets ann (execute|read) demo\.test:app/);
    await done("auth grant execute on demo.test:app to anyone");
    for (const [method, why] of [
      ["test.greeter/shout", /shout/],
      ["test.shop/greet", /the app has no service "test\.shop"/],
      ["greet", /name a method of a component, as in demo\.greeter\/greet/],
    ] as const) {
      const wrong = await typed(`send demo.test:app ${method}`);
      assert.notEqual(wrong.exit, 0);
      assert.match(wrong.err, why);
    }
  });

  it("has no rights but its own, whoever calls it", async () => {
    await done("create demo.test:files<FileSystem>");
    const refused = await post("/read", { address: "demo.test:files" });
    assert.equal(refused.status, 403);
    assert.match(String(refused.body["message"]), /no rule lets demo\.test:app read demo\.test:files/);
    await done("auth role demo.test:readers --add=demo.test:app");
    await done("auth grant read on demo.test:files to demo.test:readers");
    assert.equal(await done("whoami --roles --agent=demo.test:app"), "demo.test:app\ndemo.test:readers\n");
    assert.deepEqual(await post("/read", { address: "demo.test:files" }), { status: 200, body: { state: "Ready" } });
  });

  it("has no roles but its own, whoever calls it", async () => {
    const read = `send demo.test:app test.greeter/read '{"address":"demo.test:private"}'`;
    await done("create demo.test:private<FileSystem>");
    await done("exec 'create demo.test:users<UserBase>; create demo.test:users:ann<User>'");
    await done("auth role demo.test:insiders --add=demo.test:users:ann");
    await done("auth grant read on demo.test:private to demo.test:insiders");
    await done("get demo.test:private --agent=demo.test:users:ann");
    await done("auth grant read on demo.test:app to demo.test:users:ann");
    for (const agent of ["operator", "demo.test:users:ann"]) {
      const { exit, err } = await typed(`${read} --agent=${agent}`);
      assert.equal(exit, 3);
      assert.match(err, /no rule lets demo\.test:app read demo\.test:private/, agent);
    }
    await done("auth role demo.test:insiders --add=demo.test:app --drop=demo.test:users:ann");
    assert.equal(await done(`${read} --agent=demo.test:users:ann`), '{"state":"Ready"}\n');
  });

  it("is updated without a failed call, by another version and by a tag that moves", async () => {
    await publish("1.1.0", { "greeter.ts": COUNTER("1.1.0") });
    await publish("1.2.0", { "greeter.ts": COUNTER("1.2.0") });
    await done("tag demo.test:app-src live 1.1.0");
    const calls = load();
    await done("set 'demo.test:app{ +config=demo.test:app-src:[live]:/orrery.yaml }'");
    const shows = async (version: string) => {
      await until("demo.test:app", runs(version));
      for (const _ of ["found", "known"])
        assert.equal(
          (await curl(`${ready.web}/`, "demo.test")).body,
          `<h1>${version}</h1>`,
          "its files are of that version",
        );
    };
    await shows("1.1.0");
    await done("tag demo.test:app-src live 1.2.0");
    await shows("1.2.0");
    const { texts } = await calls.stop();
    assert.deepEqual(
      [...texts].sort(),
      ["1.0.0", "1.1.0", "1.2.0"].map((one) => `Hello, you from ${one}`),
    );
    assert.equal(processes().length, 1);
  });

  it("keeps what runs where an update is bad, and says why", async () => {
    await publish("1.3.0", { "greeter.ts": COUNTER("1.3.0", 'throw new Error("it is broken");') });
    const calls = load();
    await setTo("1.3.0");
    const status = await until("demo.test:app", ({ reason }) => reason?.includes("put back") === true);
    assert.equal(status.state, "Ready");
    assert.match(status.reason ?? "", /1\.3\.0:.* was put back: .*it is broken.*1\.2\.0:\/orrery\.yaml runs on/s);
    assert.deepEqual([...(await calls.stop()).texts], ["Hello, you from 1.2.0"]);
    await setTo("1.2.0");
    await until("demo.test:app", runs("1.2.0"));
  });

  it("gets its secrets by name, and nobody's variables, its commands no more than its code", async () => {
    await publish("1.4.0", { ...SECRETIVE, "greeter.ts": COUNTER("1.4.0") });
    await setTo("1.4.0");
    const status = await until("demo.test:app", ({ reason }) => reason?.includes("secret") === true);
    assert.match(status.reason ?? "", /its secret "api-key" is missing/);
    await done(`set 'demo.test:app{ +secrets={"api-key":"s3cr et"} }'`);
    await until("demo.test:app", runs("1.4.0"));
    assert.equal((await post("/greet", {})).body["sees"], "s3cr et");
    assert.ok(!(await done("get demo.test:app --output=json")).includes("s3cr"));
  });

  it("shows no value of a secret in what its processes and commands print, nor in why they do not start", async () => {
    const prints = 'console.error("the key is", process.env.API_KEY);';
    await publish("1.5.0", { ...SECRETIVE, "greeter.ts": COUNTER("1.5.0", prints) });
    await setTo("1.5.0");
    await until("demo.test:app", runs("1.5.0"));
    const log = await done("logs demo.test:app --lines=all");
    assert.match(log, / greeter-0(\.next)? stderr: the key is \*\*\*\n/);
    assert.match(log, / commands stderr: .*bye, \*\*\* of /);
    assert.doesNotMatch(log, /s3cr et/);
    const throws = 'throw new Error("no server takes " + process.env.API_KEY);';
    await publish("1.6.0", { ...SECRETIVE, "greeter.ts": COUNTER("1.6.0", throws) });
    await setTo("1.6.0");
    const { reason } = await until("demo.test:app", ({ reason }) => reason?.includes("put back") === true);
    assert.match(reason ?? "", /no server takes \*\*\*/);
    await setTo("1.5.0");
    await until("demo.test:app", runs("1.5.0"));
  });

  it("has its secrets lie there as long as a process of it, and what comes after that, may need them", async () => {
    const secretFiles = () =>
      readdirSync(join(cwd, ".orrery/data/apps/run"), { recursive: true }).filter((name) => /env-/.test(String(name)));
    assert.equal(secretFiles().length, 1);
    await publish("1.7.0", { ...SECRETIVE, "look.mjs": "", "greeter.ts": COUNTER("1.4.0") });
    writeFileSync(join(cwd, "byes"), "");
    await done(
      `set 'demo.test:app{ +secrets={"api-key":"another one"}, +config=demo.test:app-src:1.7.0:/orrery.yaml }'`,
    );
    await until("demo.test:app", runs("1.7.0"));
    for (const lastMs = performance.now() + 20_000; secretFiles().length !== 1; )
      assert.ok(performance.now() < lastMs, secretFiles().join());
    const [first, ...others] = readFileSync(join(cwd, "byes"), "utf8").trim().split("\n");
    assert.equal(first, "s3cr et"); // The others filled the gap while the first was replaced.
    assert.ok(
      others.every((one) => one === "another one"),
      others.join(),
    );
    assert.equal((await post("/greet", {})).body["sees"], "another one");
  });

  it("runs on when orrery up is killed, is found again, and runs once", async () => {
    const before = processes();
    assert.equal(before.length, 1);
    const killed = once(up.child, "exit"); // Its app holds on to what it writes to.
    up.child.kill("SIGKILL");
    await killed;
    assert.deepEqual(processes(), before);
    await start();
    await until("demo.test:app", runs("1.7.0"));
    assert.deepEqual(processes(), before);
    for (const lastMs = performance.now() + 20_000; ; ) {
      const { status, body } = await post("/greet", { name: "Bob" }).catch(() => ({
        status: 0,
        body: {} as Record<string, unknown>,
      }));
      if (status === 200) {
        assert.equal(body["pid"], before[0]);
        break;
      }
      assert.ok(performance.now() < lastMs, JSON.stringify(body));
    }
  });

  it("is replaced when its process dies", async () => {
    const [before = 0] = processes();
    process.kill(before, "SIGKILL");
    for (const lastMs = performance.now() + 20_000; processes().length !== 1 || processes()[0] === before; )
      assert.ok(performance.now() < lastMs);
    await until("demo.test:app", runs("1.7.0"));
    assert.equal((await post("/greet", { name: "Cy" })).status, 200);
  });

  it("is Panic, and begins nothing, where the file of its secrets is gone, and comes back with it", async () => {
    const run = join(cwd, ".orrery/data/apps/run");
    const secretFiles = () =>
      readdirSync(run, { recursive: true }).filter((name) => /env-/.test(String(name))) as string[];
    const [file = ""] = secretFiles();
    rmSync(join(run, file));
    const [before = 0] = processes();
    process.kill(before, "SIGKILL");
    const { reason } = await until("demo.test:app", ({ state }) => state === "Panic");
    assert.match(
      reason ?? "",
      /"greeter-0" was given up: the file of its secrets ".*\/env-.*" is gone.*set restart of/,
    );
    assert.deepEqual([processes(), secretFiles()], [[], []]);
    await done("set demo.test:app --set restart=again");
    await until("demo.test:app", runs("1.7.0"));
    assert.equal((await post("/greet", {})).body["sees"], "another one");
  });

  it("comes back, once it was given up, when somebody says so", async () => {
    const broken = join(cwd, "broken");
    writeFileSync(broken, "");
    const breaks = `import { existsSync } from "node:fs";\nif (existsSync("${broken}")) throw new Error("it is broken");`;
    await publish("2.0.0", {
      "orrery.yaml": "components: { greeter: greeter.ts }\n",
      "greeter.ts": COUNTER("2.0.0", breaks),
    });
    await done("create 'demo.test:fragile<App>{ +config=demo.test:app-src:2.0.0:/orrery.yaml }'");
    const { reason } = await until("demo.test:fragile", ({ state }) => state === "Panic");
    assert.match(reason ?? "", /"greeter-0" was given up: .*it is broken/s);
    rmSync(broken);
    await done("set demo.test:fragile --set restart=1");
    await until("demo.test:fragile", runs("2.0.0"));
    await done("rm demo.test:fragile");
    for (const lastMs = performance.now() + 20_000; (await typed("get demo.test:fragile")).exit !== 4; )
      assert.ok(performance.now() < lastMs);
  });

  it("ends, and leaves nothing, when it is removed", async () => {
    writeFileSync(join(cwd, "byes"), "");
    await done("rm demo.test:app");
    for (const lastMs = performance.now() + 20_000; (await typed("get demo.test:app")).exit !== 4; )
      assert.ok(performance.now() < lastMs);
    assert.deepEqual(processes(), []);
    assert.equal(readFileSync(join(cwd, "byes"), "utf8"), "another one\n");
    const runFolder = join(cwd, ".orrery/data/apps/run");
    assert.deepEqual(
      readdirSync(runFolder).filter((name) => name !== "s"),
      [],
    );
    assert.equal((await curl(`${ready.web}/greet`, "demo.test", ["-d", "{}"])).status, 404);
  });
});
