import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type CephBucket, NO_CEPH, startBucket } from "../testing/ceph.ts";
import { guideShell } from "../testing/guide-shell.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** Pages whose commands are typed into a shell, each in a folder of its own beside a platform of its own. */
const PAGES = [
  "resources",
  "accounts",
  "environments",
  "broadcast",
  "files",
  "bundles",
  "web",
  "backup",
  "config",
  "events",
  "store",
  "billing",
];

/** A block of commands, and what they print where the page shows it right behind. */
interface Block {
  readonly line: number;
  readonly commands: string;
  readonly printed: string | undefined;
}

function blocksOf(name: string): readonly Block[] {
  const page = readFileSync(join(ROOT, "docs/guide", `${name}.md`), "utf8");
  return [...page.matchAll(/^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms)].map((found) => ({
    line: page.slice(0, found.index).split("\n").length + 1,
    commands: found[1] ?? "",
    printed: found[2],
  }));
}

/** A folder, what variables a shell there has, and the platforms that were started in it. */
interface Scratch {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platforms: Set<ChildProcess>;
}

function openScratch(): Scratch {
  const cwd = mkdtempSync(join(tmpdir(), "orrery-guides-"));
  chmodSync(cwd, 0o755); // As root, PostgreSQL runs as another user, who must get in.
  return { ...guideShell(cwd), platforms: new Set() };
}

async function closeScratch({ cwd, platforms }: Scratch): Promise<void> {
  for (const platform of platforms) await stop(platform);
  rmSync(cwd, { recursive: true, force: true });
}

/** Ends a platform as Ctrl-C does, once. Gives its exit code. */
async function stop(platform: ChildProcess): Promise<number | null> {
  if (platform.exitCode === null && platform.signalCode === null) {
    platform.kill("SIGINT");
    await once(platform, "close");
  }
  return platform.exitCode;
}

/** Types lines of which the last is `orrery up`, with ports that are free, until it is up. Gives what it printed. */
async function start(
  lines: string,
  { cwd, env, platforms }: Scratch,
): Promise<{ said: string; platform: ChildProcess }> {
  const script = lines
    .replace(/ --web-port=\d+/, "")
    .replace(/^orrery up\b(.*)$/m, "exec orrery up --port=0 --http=0 --web-port=0$1 2>&1");
  const platform = spawn("bash", ["-euc", script], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  platforms.add(platform);
  let said = "";
  for await (const piece of platform.stdout.iterator({ destroyOnReturn: false })) {
    said += String(piece);
    if (/^Try: .*\n/m.test(said)) break;
  }
  platform.stdout.resume();
  assert.match(said, /^Orrery is up on /m, said);
  return { said, platform };
}

/** Takes away what differs from one run or machine to the next: ports, processes, names made by chance, folders, sizes, times, cages. */
function alike(text: string, cwd = "/home/ann"): string {
  return text
    .replaceAll(cwd, "/home/ann")
    .replace(/^ +apps +.*\n/m, "")
    .replace(/(127\.0\.0\.1):\d+/g, "$1:PORT")
    .replace(/process \d+/g, "process PID")
    .replace(/grant-[0-9a-f]{16}/g, "grant-NAME")
    .replace(/revision \d+, \d+ resources, \d+ blobs of [\d.]+ \w+/g, "SIZES")
    .replace(/key [0-9a-f]{12}: secrets of \d+/g, "key KEY: secrets of N")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/ +/g, " ");
}

for (const name of PAGES)
  describe(`the commands of docs/guide/${name}.md`, () => {
    const scratch = openScratch();
    let [web, http] = ["", ""];
    before(async () => {
      const { said } = await start("orrery up", scratch);
      scratch.env["ORRERY_SERVER"] = /^ +registry +(tcp:\S+)/m.exec(said)?.[1];
      http = /^ +http +(http:\S+)/m.exec(said)?.[1] ?? "";
      web = /^ +web +(http:\S+)/m.exec(said)?.[1] ?? "";
    });
    after(() => closeScratch(scratch));

    async function typed(lines: string): Promise<string> {
      const script = lines.replaceAll("http://127.0.0.1:7780", web).replaceAll("http://127.0.0.1:7701", http);
      const { cwd, env } = scratch;
      const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd, env });
      return alike(stdout, cwd);
    }

    const blocks = blocksOf(name);
    it("are there", () => assert.ok(blocks.length > 0));
    for (const { line, commands, printed } of blocks)
      if (commands.startsWith("orrery up"))
        it(`start a platform at line ${line}`, async () => {
          const { platform } = await start(commands, scratch);
          assert.equal(await stop(platform), 0);
        });
      else
        it(`do what is said at line ${line}`, async () => {
          // Commands find their platform by the environment in use from there on.
          const lines = commands.replace(/^orrery env add .* --use$/m, "$&; unset ORRERY_SERVER");
          const out = await typed(lines);
          if (lines !== commands) delete scratch.env["ORRERY_SERVER"];
          if (printed !== undefined) assert.equal(out, alike(printed));
        });
  });

/** Types lines beside a platform, and gives what they print. */
async function typedIn(lines: string, { cwd, env }: Scratch): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", lines], { cwd, env });
  return stdout;
}

/** A platform beside a folder, which the lines of a shell there are about. */
async function startBeside(scratch: Scratch): Promise<{ readonly web: string }> {
  const { said } = await start("orrery up", scratch);
  scratch.env["ORRERY_SERVER"] = /^ +registry +(tcp:\S+)/m.exec(said)?.[1];
  return { web: /^ +web +(http:\S+)/m.exec(said)?.[1] ?? "" };
}

describe("the table of docs/guide/resources.md", () => {
  const scratch = openScratch();
  before(async () => {
    await startBeside(scratch);
    await typedIn(blocksOf("resources")[0]?.commands ?? "", scratch);
    await typedIn("echo hello > a.txt; orrery cp a.txt demo.test:files:/a.txt", scratch);
    writeFileSync(join(scratch.cwd, "site.orrery"), "ls demo.test\n");
  });
  after(() => closeScratch(scratch));

  const rows = readFileSync(join(ROOT, "docs/guide/resources.md"), "utf8").match(/^\| .*`orrery .*\|$/gm) ?? [];
  it("has a row for each thing to do", () => assert.ok(rows.length > 10));
  for (const row of rows)
    for (const [, command = ""] of row.matchAll(/`(orrery [^`]+)`/g))
      it(`does what it says: ${command}`, async () => {
        const line = command
          .replace("--if-revision=7", "--if-revision=$(orrery get 'demo.test{ revision }')")
          .replace("LINE", "ls demo.test")
          .replace(/^orrery watch .*/, "$& --after=0 --count=1");
        const out = await typedIn(line, scratch);
        assert.notEqual(out, "", line);
      });
});

describe("the commands of docs/guide/apps.md", () => {
  const scratch = openScratch();
  let web = "";
  before(async () => {
    const page = readFileSync(join(ROOT, "docs/guide/apps.md"), "utf8");
    const [, file = ""] = /^```yaml\n(.*?)^```/ms.exec(page) ?? [];
    const src = join(scratch.cwd, "src");
    mkdirSync(src);
    for (const [, name = "", code = ""] of page.matchAll(/^```ts\n\/\/ file: (\S+)\n(.*?)^```/gms))
      writeFileSync(join(src, name), code);
    symlinkSync(join(ROOT, "node_modules"), join(scratch.cwd, "node_modules")); // As for a project that has installed the packages.
    writeFileSync(join(src, "orrery.yaml"), file);
    ({ web } = await startBeside(scratch));
  });
  after(() => closeScratch(scratch));

  for (const { line, commands, printed } of blocksOf("apps"))
    it(`do what is said at line ${line}`, async () => {
      const lines = commands.replace(/^orrery up &$/m, "").replaceAll("http://127.0.0.1:7780", web);
      const out = await typedIn(`cd src\n${lines}`, scratch);
      if (printed !== undefined) assert.equal(out.trim(), printed.trim());
    });
});

describe("the commands of docs/guide/up.md", () => {
  const scratch = openScratch();
  let ceph: CephBucket | undefined;
  after(async () => {
    await closeScratch(scratch);
    await ceph?.[Symbol.asyncDispose]();
  });

  for (const { line, commands, printed } of blocksOf("up")) {
    const isBucket = commands.includes("s3://bucket/");
    it(`start a platform at line ${line}`, { skip: isBucket && NO_CEPH }, async () => {
      if (isBucket) ceph = await startBucket("bucket");
      const lines = isBucket && ceph !== undefined ? withBucket(commands, ceph) : commands;
      const { said, platform } = await start(lines, scratch);
      assert.equal(await stop(platform), 0);
      if (printed !== undefined) assert.equal(alike(said), alike(printed));
    });
  }
});

/** The same commands, with a bucket that is there and its keys. */
function withBucket(commands: string, { endpoint, key, secret }: CephBucket): string {
  return commands
    .replace("https://s3.test", encodeURIComponent(endpoint))
    .replace("KEY_ID=…", `KEY_ID=${key}`)
    .replace("ACCESS_KEY=…", `ACCESS_KEY=${secret}`);
}
