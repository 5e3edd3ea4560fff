import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { curl } from "../testing/curl.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  await up.done("create demo.test<Space>");
});
after(() => up?.[Symbol.asyncDispose]());

/** A component that says a text, and which process it is. */
const SAYING = (text: string, imports = "") => `
import { defineComponent, defineService, json } from "@orrery/core";
${imports}
const Sayer = defineService("test.sayer", { say: { request: json<object>(), reply: json<{ text: string; pid: number }>() } });
export default defineComponent(Sayer, () => ({ say: () => ({ text: ${text}, pid: process.pid }) }));
`;
const APP = "components: { sayer: sayer.ts }\n";

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(up.cwd, folder, path)), { recursive: true });
    writeFileSync(join(up.cwd, folder, path), text);
  }
}

const say = async (app: string) =>
  JSON.parse(await up.done(`send ${app} test.sayer/say {}`)) as { readonly text: string; readonly pid: number };

describe("orrery run --space", () => {
  it("tells what to write where a directory is no app, and where what is written is wrong", async () => {
    write("bare", { "sayer.ts": SAYING(`"hi"`) });
    const { exit, err } = await up.orrery("run bare --space=demo.test");
    assert.equal(exit, 2);
    assert.match(
      err,
      /Cannot run "bare"\n {2}it has no orrery.yaml, write one .* such as "components: { sayer: sayer.ts }"\n/,
    );
    write("bare", { "orrery.yaml": "components: { sayer: 7 }\n" });
    const wrong = await up.orrery("run bare --space=demo.test");
    assert.deepEqual([wrong.exit, /bare\/orrery.yaml:1:/.test(wrong.err)], [2, true], wrong.err);
    assert.equal((await up.orrery("get demo.test:bare")).exit, 4);
  });

  it("sends a directory, tells how far it is, and ends when it runs", async () => {
    write("shop", { "orrery.yaml": APP, "sayer.ts": SAYING(`"one"`) });
    const { exit, out, err } = await up.orrery("run shop --space=demo.test --wait");
    assert.equal(exit, 0, err);
    assert.match(
      err,
      /^Chosen: the directory shop\n(demo.test:shop is (pending|building|starting)\n)*demo.test:shop is running\n$/,
    );
    assert.match(out, /^Running demo.test:shop from demo.test:shop-src:0.0.0-c[0-9a-f]{16}:\/orrery.yaml\n$/);
    assert.equal((await say("demo.test:shop")).text, "one");
    assert.match(await up.done("get 'demo.test:shop{ source }'"), /^shop\n$/);
  });

  it("neither sends nor starts anew what is so already", async () => {
    const { pid } = await say("demo.test:shop");
    const again = JSON.parse(await up.done("run shop --space=demo.test --wait --output=json")) as object;
    assert.deepEqual(
      { ...again, config: "", revision: 0 },
      {
        address: "demo.test:shop",
        config: "",
        sent: false,
        changed: false,
        source: { kind: "directory", from: "shop" },
        revision: 0,
      },
    );
    assert.equal((await say("demo.test:shop")).pid, pid);
  });

  it("takes another version by update, keeps what runs where that does not start, and says where the mistake is", async () => {
    write("shop", { "sayer.ts": SAYING(`"two"`) });
    await up.done("update shop --space=demo.test --wait");
    assert.equal((await say("demo.test:shop")).text, "two");
    write("shop", { "sayer.ts": `${SAYING(`"three"`)}\nthrow new Error("no stock");\n` });
    const { exit, err } = await up.orrery("update shop --space=demo.test --wait");
    assert.equal(exit, 1, err);
    assert.match(err, /is error\n.*no stock.*sayer\.ts:7/s);
    assert.equal((await say("demo.test:shop")).text, "two");
    const unknown = await up.orrery("update shop --name=none --space=demo.test");
    assert.equal(unknown.exit, 4);
    assert.match(unknown.err, /Cannot update "demo.test:none"\n {2}it is not running/);
  });

  it("shows file and line of a type error while what ran goes on, and runs it all the same where that is asked for", async () => {
    write("shop", {
      "sayer.ts": `${SAYING(`"typed"`)}\nconst count: number = "three";\nconst other: string = count;\n`,
    });
    const { exit, err } = await up.orrery("update shop --space=demo.test --wait");
    assert.equal(exit, 1);
    assert.match(
      err,
      /is building\n(.*\n)*demo.test:shop is error\nsayer.ts:7:7: error TS2322: .*\nsayer.ts:8:7: error TS2322: .*\n/,
    );
    assert.match(err, /Cannot run "demo.test:shop"\n {2}sayer.ts:7:7: error TS2322: .* runs on\n/);
    const { status } = JSON.parse(await up.done("get demo.test:shop --output=json")) as {
      status: { state: string; reason: string; details: { phase: string; build: readonly string[] } };
    };
    assert.deepEqual([status.state, status.details.phase, status.details.build.length], ["Ready", "error", 2]);
    assert.match(await up.done("status demo.test:shop"), /sayer.ts:7:7: error TS2322/);
    assert.equal((await say("demo.test:shop")).text, "two");
    await up.done("update shop --space=demo.test --no-check --wait");
    assert.equal((await say("demo.test:shop")).text, "typed");
  });

  it("tells all states in order to who watches, also from a revision on", async () => {
    write("watched", { "orrery.yaml": APP, "sayer.ts": SAYING(`"watched"`) });
    const { revision } = JSON.parse(await up.done("run watched --space=demo.test --wait --output=json")) as {
      revision: number;
    };
    const phasesAfter = async (after: number, count: number) => {
      const lines = await up.done(`watch demo.test:watched --after=${after} --count=${count} --output=json`);
      const told = lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as WatchedApp);
      return told.map((one) => ({ at: one.revision, phase: one.resource.status.details?.phase }));
    };
    const [first, second, third] = await phasesAfter(revision, 3);
    assert.deepEqual([first?.phase, second?.phase], ["building", "starting"]);
    assert.match(third?.phase ?? "", /^(starting|running)$/); // It may say more of its start.
    assert.deepEqual(await phasesAfter(first?.at ?? 0, 2), [second, third]);
  });

  it("leaves out what ignore files name, and what is nobody's to read", async () => {
    write("repo", { ".git/HEAD": "ref: refs/heads/main\n", ".gitignore": "*.log\nbuild/\n" });
    write("repo/ignored", {
      "orrery.yaml": APP,
      "sayer.ts": SAYING(`"hi"`),
      ".env": "KEY=1",
      "a.log": "no",
      "kept.log": "yes",
      "build/big.js": "no",
      ".gitignore": "!kept.log\n",
      ".orreryignore": "/notes\n*.md\n!README.md\n!/node_modules\n",
      "node_modules/kept/a.js": "yes",
      "notes/a.txt": "no",
      "deep/notes/a.txt": "yes",
      "a.md": "no",
      "README.md": "yes",
    });
    const { config } = JSON.parse(await up.done("run repo/ignored --space=demo.test --output=json")) as {
      config: string;
    };
    const listed = await up.done(`ls '${config.replace(":/orrery.yaml", "")}:**<Artifact>'`);
    const files = listed.split("\n").flatMap((line) => /:\/(.*[^/])<Artifact>$/.exec(line)?.[1] ?? []);
    assert.deepEqual(files.sort(), [
      ".gitignore",
      ".orreryignore",
      "README.md",
      "deep/notes/a.txt",
      "kept.log",
      "node_modules/kept/a.js",
      "orrery.yaml",
      "sayer.ts",
    ]);
  });

  it("refuses what is too large, and names what is largest", async () => {
    write("large", { "orrery.yaml": APP, "sayer.ts": SAYING(`"hi"`), "film.mp4": "", "small.bin": "" });
    truncateSync(join(up.cwd, "large/film.mp4"), 101 * 1024 * 1024);
    truncateSync(join(up.cwd, "large/small.bin"), 1024);
    const { exit, err } = await up.orrery("run large --space=demo.test");
    assert.equal(exit, 1);
    assert.match(
      err,
      /its files have 101 MiB, and may have 100 MiB, name in .orreryignore .* film.mp4 \(101 MiB\), small.bin/,
    );
    write("large", { ".orreryignore": "*.mp4\n" });
    await up.done("run large --space=demo.test");
  });

  it("runs a directory of a repository, with modules beside it, packages, and files of its own", async () => {
    write("mono", {
      ".git/HEAD": "ref: refs/heads/main\n",
      ".gitignore": "node_modules\n",
      "shared/greet.ts": `import { mark } from "./mark.ts";\nexport const greet = (name: string) => "hello " + name + mark;\n`,
      "shared/mark.ts": `export const mark = "!";\n`,
      "shared/unused.ts": "",
      "node_modules/loud/package.json": `{ "name": "loud", "version": "1.0.0", "main": "loud.cjs", "dependencies": { "upper": "1" } }`,
      "node_modules/loud/loud.cjs": `module.exports.loud = (text) => require("upper")(text);\n`,
      "node_modules/upper/package.json": `{ "name": "upper", "version": "1.0.0" }`,
      "node_modules/upper/index.js": "module.exports = (text) => text.toUpperCase();\n",
      "node_modules/other/package.json": `{ "name": "other", "version": "1.0.0" }`,
      "services/hello/orrery.yaml": `${APP}routes:\n  - { path: "/{rest*}", files: "/html/{rest}" }\n`,
      "services/hello/html/index.html": "<h1>hello</h1>",
      "services/hello/sayer.ts": SAYING(
        `loud(greet("you"))`,
        `import { greet } from "../../shared/greet.ts";\nimport { loud } from "loud";`,
      ),
    });
    const text = await up.done("run mono/services/hello --space=demo.test --wait --output=json");
    const { config } = JSON.parse(text) as { config: string };
    assert.equal((await say("demo.test:hello")).text, "HELLO YOU!");
    const bundle = config.slice(0, config.indexOf(":/"));
    assert.equal(config, `${bundle}:/services/hello/orrery.yaml`);
    const listed = await up.done(`ls '${bundle}:**'`);
    assert.match(listed, /shared\/mark.ts/);
    assert.doesNotMatch(listed, /unused|other/);
    await up.done("auth grant read on demo.test:hello-src:** to anyone");
    const { status, body } = await curl(`${up.web}/index.html`, "demo.test");
    assert.deepEqual([status, body], [200, "<h1>hello</h1>"]);
  });

  it("takes a directory before a bundle of that name, and says which it was", async () => {
    await up.done("publish shop demo.test:stock:1.0.0");
    write("shop", { "sayer.ts": SAYING(`"stocked"`) });
    await up.done("publish shop demo.test:stock:1.1.0");
    const bundle = await up.orrery("run stock --space=demo.test --name=from-bundle --wait");
    assert.match(bundle.err, /^Chosen: the bundle demo.test:stock:1.1.0\n/);
    assert.equal((await say("demo.test:from-bundle")).text, "stocked");
    write("stock", { "orrery.yaml": APP, "sayer.ts": SAYING(`"here"`) });
    const directory = await up.orrery("run stock --space=demo.test --name=from-here");
    assert.match(directory.err, /^Chosen: the directory stock\n/);
    rmSync(join(up.cwd, "stock"), { recursive: true });
    const old = await up.orrery("run stock@1.0.0 --space=demo.test");
    assert.match(old.err, /^Chosen: the bundle demo.test:stock:1.0.0\n/);
    const none = await up.orrery("run none --space=demo.test");
    assert.deepEqual(
      [none.exit, /no such directory here.* and there is no bundle "none" in demo.test/.test(none.err)],
      [4, true],
    );
  });

  it("refuses flags of a platform where none is named", async () => {
    const { exit, err } = await up.orrery("run shop --wait");
    assert.deepEqual([exit, /--space/.test(err)], [2, true], err);
  });
});

describe("orrery run --space, of a repository", () => {
  const git = (folder: string, ...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@demo.test", ...args], {
      cwd: join(up.cwd, folder),
      encoding: "utf8",
    }).trim();
  const commits: string[] = [];
  before(() => {
    write("work", { "orrery.yaml": APP, "sayer.ts": SAYING(`"main"`), "apps/deep/orrery.yaml": APP });
    write("work/apps/deep", { "sayer.ts": SAYING(`"deep"`) });
    git("work", "init", "--quiet", "--initial-branch=main");
    const commit = (text: string) => {
      write("work", { "sayer.ts": SAYING(`"${text}"`) });
      git("work", "add", ".");
      git("work", "commit", "--quiet", "--message", text);
      commits.push(git("work", "rev-parse", "HEAD"));
    };
    commit("first");
    commit("main");
    git("work", "checkout", "--quiet", "-b", "trial");
    commit("trial");
    git("work", "checkout", "--quiet", "main");
    git(".", "clone", "--quiet", "--bare", "work", "depot.git");
  });

  it("runs two branches and a commit of a bare one, each beside the others with a version of its own", async () => {
    const main = await up.orrery("run depot.git --space=demo.test --wait");
    assert.equal(main.exit, 0, main.err);
    assert.match(main.err, new RegExp(`^Chosen: the repository depot.git\nFetched commit ${commits[1]}\n`));
    await up.done("run depot.git@trial --space=demo.test --wait");
    await up.done(`run depot.git@${commits[0]} --space=demo.test --wait`);
    const old = `demo.test:depot-${commits[0]?.slice(0, 12)}`;
    const apps = ["demo.test:depot", "demo.test:depot-trial", old];
    assert.deepEqual(await Promise.all(apps.map(async (app) => (await say(app)).text)), ["main", "trial", "first"]);
    const listed = JSON.parse(await up.done("ls 'demo.test:*<App>' --output=json")) as readonly ListedApp[];
    const versions = apps.map((app) => listed.find(({ address }) => address === app)?.properties);
    assert.deepEqual(
      versions.map((one) => one?.commit),
      [commits[1], commits[2], commits[0]],
    );
    assert.equal(new Set(versions.map((one) => one?.config)).size, 3);
    await up.done("kill depot@trial --space=demo.test --wait");
    assert.match((await up.orrery("kill depot@trial --space=demo.test")).err, /it is not running/);
    assert.equal((await say("demo.test:depot")).text, "main");
  });

  it("runs a folder of one, and a branch of a directory here", async () => {
    const deep = JSON.parse(
      await up.done("run work@trial --folder=apps/deep --name=deep --space=demo.test --output=json"),
    ) as {
      readonly source: object;
    };
    assert.deepEqual(deep.source, { kind: "repository", from: "work@trial", commit: commits[2] });
    assert.equal((await up.orrery("run depot.git --folder=../.. --space=demo.test")).exit, 2);
  });

  it("tells what is not there, and takes no URL that git must not be given", async () => {
    const none = await up.orrery("run depot.git@none --space=demo.test");
    assert.deepEqual([none.exit, /couldn't find remote ref none", name a branch/.test(none.err)], [4, true], none.err);
    const secret = await up.orrery("run https://ann:hidden@example.test/shop --space=demo.test");
    assert.equal(secret.exit, 2);
    assert.doesNotMatch(secret.err + secret.out, /hidden/);
    const program = await up.orrery("run 'ext::sh://touch x' --space=demo.test");
    assert.notEqual(program.exit, 0);
  });

  it("runs nothing that a repository brings, and takes links for what they say", async () => {
    write("evil", { "orrery.yaml": APP, "sayer.ts": SAYING(`"hi"`), ".gitattributes": "*.ts filter=evil\n" });
    const program = join(up.cwd, "own-hooks/post-checkout");
    write(".", {
      ".gitconfig": `[filter "evil"]\n\tsmudge = ${program}\n[core]\n\thooksPath = ${dirname(program)}\n`,
      "own-hooks/post-checkout": `#!/bin/sh\ntouch ${join(up.cwd, "ran")}\ncat\n`,
    });
    chmodSync(program, 0o755);
    symlinkSync("/etc/passwd", join(up.cwd, "evil/users.txt"));
    git("evil", "init", "--quiet", "--initial-branch=main");
    git("evil", "add", ".");
    git("evil", "update-index", "--add", "--cacheinfo", `160000,${commits[0]},inner`);
    git("evil", "commit", "--quiet", "--message", "evil");
    git(".", "clone", "--quiet", "--bare", "evil", "evil.git");
    const { exit, err, out } = await up.orrery("run evil.git --space=demo.test");
    assert.equal(exit, 0, err);
    assert.match(err, /Without its submodules: inner\n/);
    assert.equal(existsSync(join(up.cwd, "ran")), false);
    const bundle = /from (\S+):\/orrery.yaml/.exec(out)?.[1] ?? "";
    assert.equal(await up.done(`cp ${bundle}:/users.txt -`), "/etc/passwd");
  });

  it("fetches a private one by a token from a file, which nobody sees", async () => {
    const token = "s3cr3t-of-git";
    const seen: string[] = [];
    const server = createServer((request, response) => {
      for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
        if (commandOf(pid).includes(token)) seen.push(commandOf(pid));
      const [, sent = ""] = /^Basic (.*)$/.exec(request.headers.authorization ?? "") ?? [];
      if (Buffer.from(sent, "base64").toString() !== `x-access-token:${token}`) {
        response.writeHead(401, { "WWW-Authenticate": "Basic" }).end();
        return;
      }
      serveGit(request, response, up.cwd);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/depot.git`;
    try {
      const refused = await up.orrery(`run ${url}@trial --name=private --space=demo.test`);
      assert.deepEqual([refused.exit, /--git-token-file/.test(refused.err)], [3, true], refused.err);
      writeFileSync(join(up.cwd, "token"), `${token}\n`, { mode: 0o600 });
      const { exit, err, out } = await up.orrery(
        `run ${url}@trial --name=private --space=demo.test --git-token-file=token`,
      );
      assert.equal(exit, 0, err);
      writeFileSync(join(up.cwd, "token"), "another");
      const wrong = await up.orrery(`run ${url} --name=wrong --space=demo.test --git-token-file=token`);
      assert.equal(wrong.exit, 3);
      assert.equal([err, out, wrong.err, await up.done("get demo.test:private")].join().includes(token), false);
      assert.deepEqual(seen, []);
    } finally {
      server.close();
    }
  });
});

interface WatchedApp {
  readonly revision: number;
  readonly resource: { readonly status: { readonly details?: { readonly phase: string } } };
}

interface StandingApp {
  readonly address: string;
  readonly version: string;
  readonly source: string;
  readonly phase: string;
  readonly build: string;
  readonly updated: number;
  readonly owner: string;
}

interface ListedApp {
  readonly address: string;
  readonly properties: { readonly config: string; readonly commit?: string };
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return ""; // It has ended meanwhile.
  }
}

/** Answers as a server of repositories does, by the program that git has for it. */
function serveGit(request: IncomingMessage, response: ServerResponse, root: string): void {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://git");
  const env = {
    ...process.env,
    ...{ GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: "1", PATH_INFO: pathname, REMOTE_USER: "ann" },
    ...{ QUERY_STRING: String(searchParams), REQUEST_METHOD: request.method ?? "" },
    CONTENT_TYPE: request.headers["content-type"] ?? "",
    HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
  };
  const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "inherit"] });
  request.pipe(child.stdin);
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => void pieces.push(piece));
  child.on("close", () => {
    const all = Buffer.concat(pieces);
    const end = all.indexOf("\r\n\r\n");
    const head = all.subarray(0, end).toString("latin1");
    const headers = head.split("\r\n").map((line) => line.split(": ") as [string, string]);
    const status = Number(headers.find(([name]) => name === "Status")?.[1].slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== "Status")));
    response.end(all.subarray(end + 4));
  });
}

describe("orrery status, of all apps", () => {
  it("has a column for each thing to know, and JSON has the same", async () => {
    // An app before this one was just run anew: what is read twice must stand.
    const read = async () => JSON.parse(await up.done("status --space=demo.test --output=json")) as StandingApp[];
    const lastMs = performance.now() + 30_000;
    while ((await read()).some(({ phase }) => phase === "starting")) assert.ok(performance.now() < lastMs);
    const text = await up.done("status --space=demo.test");
    const [heading = "", ...rows] = text.trimEnd().split("\n");
    assert.match(heading, /^APP +VERSION +SOURCE +STATUS +BUILD +UPDATED +OWNER +REASON$/);
    const all = await read();
    assert.equal(rows.length, all.length);
    const trial = all.find(({ address }) => address === "demo.test:private");
    assert.match(trial?.build ?? "", /^[0-9a-f]{40}$/);
    const row = rows.find((one) => one.startsWith("demo.test:private ")) ?? "";
    for (const one of [trial?.version, trial?.source, trial?.phase, trial?.build.slice(0, 7), trial?.owner])
      assert.ok(one !== undefined && one !== "" && row.includes(` ${one}`), `${one} in ${row}`);
    assert.match(row, / \d\S* \w+ ago /);
    assert.ok(Math.abs(Date.now() - (trial?.updated ?? 0)) < 600_000);
  });

  it("says in one line that there are none, and in no space that is not there", async () => {
    await up.done("create empty.test<Space>");
    assert.equal(await up.done("status --space=empty.test"), "There are no apps in empty.test\n");
    assert.equal(await up.done("status --space=empty.test --output=json"), "[]\n");
    assert.equal((await up.orrery("status --space=nowhere.test")).exit, 4);
  });
});

describe("orrery kill", () => {
  it("ends an app by its directory, its name or its address, and says where none runs", async () => {
    await up.done("kill shop/ --space=demo.test --wait");
    const { exit, err } = await up.orrery("kill ./shop --space=demo.test");
    assert.deepEqual([exit, /Cannot kill "demo.test:shop"\n {2}it is not running\n/.test(err)], [4, true], err);
    await up.done("kill from-bundle --space=demo.test");
    assert.notEqual((await up.orrery("kill from-bundle --space=demo.test")).exit, 0);
    await up.done("kill demo.test:hello --wait");
    assert.match((await up.orrery("kill demo.test:hello")).err, /it is not running/);
    assert.match((await up.orrery("kill demo.test:stock")).err, /it is a BundleSeries/);
  });
});
