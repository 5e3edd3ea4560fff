import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { createSystemClock } from "@orrery/core";
import { openManagedPostgres } from "@orrery/registry";
import { type } from "../testing/memory-terminal.ts";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-upkeep-"));
chmodSync(cwd, 0o755); // As root, PostgreSQL runs as another user, who must get in.
const running = new Set<Running>();
const servers = new Set<Awaited<ReturnType<typeof openManagedPostgres>>>();
after(async () => {
  for (const { child } of running) child.kill("SIGKILL");
  for (const server of servers) await server.close();
  rmSync(cwd, { recursive: true, force: true });
});

async function start(words: readonly string[]) {
  const up = startEvents(["up", "--port=0", "--http=0", "--web-port=0", ...words], { cwd });
  running.add(up);
  const ready = (await up.next("ready")) as RunEvent & { readonly revision: number };
  const env = { ORRERY_SERVER: ready.address, HOME: cwd };
  const done = async (...line: string[]) => {
    const { exit, out, err } = await type(line, { cwd, env });
    assert.equal(exit, 0, `${line.join(" ")}: ${err}`);
    return out;
  };
  const stop = async () => {
    up.child.kill("SIGTERM");
    assert.equal((await up.ended).exit, 0);
  };
  return { up, ready, env, done, stop };
}

/** Something of all that there is, by commands. */
async function fill(done: (...line: string[]) => Promise<string>): Promise<void> {
  mkdirSync(join(cwd, "site"), { recursive: true });
  writeFileSync(join(cwd, "site", "index.html"), "<h1>1</h1>");
  writeFileSync(join(cwd, "a.bin"), Buffer.alloc(2_500_000, "orrery"));
  await done(
    "exec",
    "create demo.test<Space>; create demo.test:files<FileSystem>; create demo.test:users<UserBase>; create demo.test:users:ann<User>",
  );
  await done("cp", "a.bin", "demo.test:files:/d/a.bin");
  await done("publish", "site", "demo.test:site:1.0.0");
  await done("tag", "demo.test:site", "latest", "1.0.0");
  await done("auth", "grant", "rw", "on", "demo.test:files:**", "to", "demo.test:users:ann");
  const space = "--space=demo.test";
  await done("config", "set", "db.host", "localhost", space);
  await done("store", "set", "orders/1", "open", space);
  await done("events", "publish", "orders", "one", "two", space);
  await done("events", "consume", "orders", "billing", "--count=1", space);
  await done("billing", "subscribe", "ann@example.com", space);
  await done("billing", "mark-paid", "demo.test/1");
  await done("invite", "bob@example.com", space);
}

/** What is shown of all resources. */
const shown = async (done: (...line: string[]) => Promise<string>) =>
  JSON.parse(await done("ls", "**", "--output=json"));

async function databaseUrl(name: string): Promise<string> {
  const server = await openManagedPostgres({ folder: join(cwd, name), clock: createSystemClock() });
  servers.add(server);
  return server.url;
}

/** What is beyond the plan is counted anew at each start, and says since when. */
function withoutCounts(content: string): string {
  const dropped = (key: string, value: unknown): unknown => {
    if (key === "counts") return undefined;
    return typeof value === "string" && value.startsWith("{") ? JSON.parse(value, dropped) : value;
  };
  const lines = content.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.stringify(JSON.parse(line, dropped))).join("\n");
}

/** What is in a backup. */
interface Content {
  /** Of all but what was used, which grows while the platform runs, acts, and the manifest, which has their digests. */
  readonly digests: Readonly<Record<string, string>>;
  /** Acts of administration, line by line: backups are some. */
  readonly acts: string;
}

async function contentOf(file: string): Promise<Content> {
  const folder = mkdtempSync(join(cwd, "content-"));
  await promisify(execFile)("tar", ["-xf", join(cwd, file), "-C", folder]);
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  const compared = names
    .filter((name) => !/^(registry\/usage|registry\/audit|manifest|orrery-backup)/.test(name))
    .sort();
  assert.ok(compared.includes("registry/change.jsonl") && compared.length < names.length, names.join(", "));
  const digest = (name: string) => {
    const content = readFileSync(join(folder, name));
    const isBill = name === "registry/subscription.jsonl";
    return createHash("sha256")
      .update(isBill ? withoutCounts(content.toString()) : content)
      .digest("hex");
  };
  const digests = Object.fromEntries(compared.map((name) => [name, digest(name)]));
  return { digests, acts: readFileSync(join(folder, "registry/audit.jsonl"), "utf8") };
}

for (const [name, databases] of Object.entries({
  pglite: async () => ["pglite", "pglite"] as const,
  embedded: async () => ["embedded", "embedded"] as const,
  "a URL": async () => [await databaseUrl("one"), await databaseUrl("two")] as const,
}))
  describe(`orrery backup and restore, with ${name}`, () => {
    it("bring everything back after all is gone, to the same backup", async () => {
      const [before, behind] = await databases();
      const key = name.replace(" ", "-");
      const at = (database: string) => [`--data=${key}`, `--database=${database}`];
      const first = await start(at(before));
      await fill(first.done);
      const all = await shown(first.done);
      assert.match(
        await first.done("backup", `${key}.one`),
        /Backed up to .*one: revision \d+, \d+ resources, 3 blobs of/,
      );
      assert.equal(statSync(join(cwd, `${key}.one`)).mode & 0o777, 0o600);
      const ann = await type(["backup", `${key}.ann`, "--agent=ann"], { cwd, env: first.env });
      assert.deepEqual([ann.exit, existsSync(join(cwd, `${key}.ann`))], [3, false]);
      const taken = await type(["backup", `${key}.none`, ...at(before)], { cwd });
      assert.match(taken.err, new RegExp(`orrery up runs over it, process ${first.up.child.pid}, leave --data out`));
      await first.stop();
      assert.equal((await type(["backup", `${key}.stopped`, ...at(before)], { cwd })).exit, 0);
      const keys = `--secrets-key=${key}.keys`;
      copyFileSync(join(cwd, key, "secrets.key"), join(cwd, `${key}.keys`));
      rmSync(join(cwd, key), { recursive: true });

      const restored = await type(["restore", `${key}.one`, ...at(behind), keys], { cwd });
      assert.equal(restored.exit, 0, restored.err);
      const second = await start(at(behind));
      assert.equal(
        second.ready.revision,
        JSON.parse(await second.done("backup", `${key}.two`, "--output=json")).revision,
      );
      assert.deepEqual(await shown(second.done), all);
      await second.done("cp", "demo.test:files:/d/a.bin", "b.bin");
      assert.equal(Buffer.compare(readFileSync(join(cwd, "b.bin")), readFileSync(join(cwd, "a.bin"))), 0);
      assert.match(await second.done("get", "demo.test:site:[latest]{ version }"), /1\.0\.0/);
      assert.match(await second.done("auth", "can", "demo.test:users:ann", "write", "demo.test:files:/x"), /yes/);
      const contents = await Promise.all(["one", "two", "stopped"].map((end) => contentOf(`${key}.${end}`)));
      const [one, ...others] = contents as [Content, Content, Content];
      assert.match(one.acts, /SetSubscription|Subscribe|MarkPaid/);
      for (const { digests, acts } of others) {
        assert.deepEqual(digests, one.digests);
        assert.ok(acts.startsWith(one.acts), "no act is lost");
      }
      await second.stop();
    });
  });

describe("orrery restore", () => {
  it("refuses a folder that holds something, a file that was cut off, and keys that are missing, and leaves nothing", async () => {
    const up = await start(["--data=full", "--database=pglite"]);
    await fill(up.done);
    await up.done("backup", "full.backup");
    await up.stop();
    const restore = (file: string, ...more: string[]) =>
      type(["restore", file, "--data=new", "--database=pglite", ...more], { cwd });
    const full = await type(["restore", "full.backup", "--data=full"], { cwd });
    assert.match(full.err, /Cannot restore to ".*full"\n {2}it holds something, name a folder that is new or empty/);
    writeFileSync(join(cwd, "cut.backup"), readFileSync(join(cwd, "full.backup")).subarray(0, 600_000));
    const cut = await restore("cut.backup", "--secrets-key=full/secrets.key");
    assert.deepEqual(
      [cut.exit, /it ends within "blobs\/[\s\S]*take another copy of it/.test(cut.err)],
      [1, true],
      cut.err,
    );
    assert.deepEqual([existsSync(join(cwd, "new")), existsSync(join(cwd, "new.restoring"))], [false, false]);
    assert.equal((await restore("none.backup")).exit, 4);
    assert.equal((await restore("full.backup", "--secrets-key=full/secrets.key")).exit, 0);
    assert.equal(statSync(join(cwd, "new", "secrets.key")).mode & 0o777, 0o600);
    assert.equal(
      readFileSync(join(cwd, "new/secrets.key"), "utf8"),
      readFileSync(join(cwd, "full/secrets.key"), "utf8"),
    );
  });
});

describe("orrery secrets rotate", () => {
  it("changes the key of a server that runs, for operators, and of one that does not", async () => {
    const up = await start(["--data=keys", "--database=pglite"]);
    const file = join(cwd, "keys", "secrets.key");
    const lines = () => readFileSync(file, "utf8").trim().split("\n");
    const [first] = lines();
    const denied = await type(["secrets", "rotate", "--agent=ann"], { cwd, env: up.env });
    assert.deepEqual([denied.exit, lines()], [3, [first]]);
    const { key } = JSON.parse(await up.done("secrets", "rotate", "--output=json")) as { key: string };
    assert.deepEqual([lines().length, lines()[0]?.split(" ")[0], statSync(file).mode & 0o777], [1, key, 0o600]);
    assert.equal((await type(["secrets", "rotate", "--data=keys", "--database=pglite"], { cwd })).exit, 1);
    await up.stop();
    const stopped = await type(["secrets", "rotate", "--data=keys", "--database=pglite"], { cwd });
    assert.match(stopped.out, /Rotated to key [0-9a-f]{12}: secrets of 1 resources are closed anew/);
    assert.ok(lines().length === 1 && !lines()[0]?.startsWith(key));
    chmodSync(file, 0o644);
    const loose = await type(["secrets", "rotate", "--data=keys", "--database=pglite"], { cwd });
    assert.match(loose.err, /Cannot use key file ".*secrets.key"\n {2}others may read it, run chmod 600 on it/);
  });
});
