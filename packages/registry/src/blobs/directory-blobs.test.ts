import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { bytesOf, namesOf, put, readAll } from "../conformance/blob-case.ts";
import { testBlobs } from "../conformance/index.ts";
import { createDirectoryBlobs } from "./directory-blobs.ts";
import { digestOf } from "./system-digest.ts";

const CLOCK = { now: () => 1_000_000 };

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "orrery-blobs-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("createDirectoryBlobs", () => {
  testBlobs({
    test,
    createStore: async () => {
      let now = 1_000;
      const folder = await mkdtemp(join(tmpdir(), "orrery-blobs-"));
      const open = () => createDirectoryBlobs({ folder, clock: { now: () => now } });
      return {
        store: open(),
        reopen: async () => open(),
        pass: async () => {
          now += 1_000;
        },
        [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
      };
    },
  });

  test("keeps files in sharded folders that only their owner may read", () =>
    inFolder(async (folder) => {
      const store = createDirectoryBlobs({ folder, clock: CLOCK });
      const { digest } = await put(store, bytesOf(10));
      await (await store.begin("one", "note")).append(0, bytesOf(1));
      const digits = digest.slice("sha256:".length);
      const files = [join("blobs", digits.slice(0, 2), digits), "uploads/one.note", "uploads/one.bytes"];
      const found = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
      const paths = found.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
      assert.deepEqual(paths.sort(), files.sort());
      for (const file of files) assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600, file);
      for (const inside of ["blobs", `blobs/${digits.slice(0, 2)}`, "uploads"])
        assert.equal((await stat(join(folder, inside))).mode & 0o777, 0o700, inside);
    }));

  test("neither lists nor removes files that it did not make", () =>
    inFolder(async (folder) => {
      const store = createDirectoryBlobs({ folder, clock: CLOCK });
      const digits = "ab".repeat(32);
      const strange = ["blobs/notes.txt", "blobs/cd/x", `blobs/cd/${digits}`, "uploads/Mine.note", "uploads/a.txt"];
      await mkdir(join(folder, "blobs/cd"), { recursive: true });
      await mkdir(join(folder, "uploads"));
      for (const name of strange) await writeFile(join(folder, name), "mine");
      assert.deepEqual([await namesOf(store, "blobs"), await namesOf(store, "uploads")], [[], []]);
      assert.equal(await store.remove(`sha256:${digits}`, Number.MAX_SAFE_INTEGER), false);
      for (const name of strange) assert.equal((await stat(join(folder, name))).size, 4, name);
    }));

  test("has only whole blobs, and all that were acknowledged, after its process was killed again and again", () =>
    inFolder(async (folder) => {
      const acknowledged = new Set<string>();
      for (let kill = 0; kill < 8; kill++) {
        const program = fileURLToPath(new URL("../testing/write-blobs.ts", import.meta.url));
        const child = spawn(process.execPath, ["--conditions=source", program, folder, String(kill)], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        let seen = 0;
        for await (const digest of createInterface({ input: child.stdout })) {
          if (digest.length !== "sha256:".length + 64) continue; // Cut by its death.
          acknowledged.add(digest);
          if (++seen > kill) child.kill("SIGKILL");
        }
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
        assert.equal(child.signalCode, "SIGKILL");
      }
      const store = createDirectoryBlobs({ folder, clock: CLOCK });
      const names = await namesOf(store, "blobs");
      for (const digest of names) assert.equal(digestOf(await readAll(store, digest)), digest);
      assert.deepEqual(
        [...acknowledged].filter((digest) => !names.includes(digest)),
        [],
      );
      assert.ok(acknowledged.size >= 8, `${acknowledged.size} were acknowledged`);
      for (const id of await namesOf(store, "uploads")) await (await store.open(id))?.abandon();
      assert.deepEqual(await readdir(join(folder, "uploads")), []);
    }));
});
