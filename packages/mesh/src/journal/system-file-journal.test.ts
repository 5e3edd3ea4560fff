import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type JournalMedium, testJournal } from "@orrery/core/conformance";
import { createSegmentedJournal } from "@orrery/core/internal";
import { createFileJournal } from "./system-file-journal.ts";
import { createFolderFiles } from "./system-journal-files.ts";

testJournal("createFileJournal", { test, createMedium: folderMedium });

/** A folder whose journals end as a process does: by what they are at being cut off. */
async function folderMedium(): Promise<JournalMedium> {
  const folder = await mkdtemp(join(tmpdir(), "orrery-journal-"));
  const names = () => readdir(folder);
  return {
    async open(bounds) {
      const files = await createFolderFiles(folder);
      let isOver = false;
      const never = new Promise<never>(() => undefined);
      const under = new Set<Promise<unknown>>();
      const mortal = <A extends readonly unknown[], T>(does: (...args: A) => Promise<T>) => {
        return async (...args: A): Promise<T> => {
          if (isOver) return await never;
          const work = does(...args);
          under.add(work);
          const value = await work.finally(() => under.delete(work));
          return isOver ? await never : value;
        };
      };
      const journal = createSegmentedJournal({
        ...bounds,
        files: {
          list: mortal(() => files.list()),
          read: mortal((name: string) => files.read(name)),
          append: mortal((name: string, bytes: Uint8Array) => files.append(name, bytes)),
          sync: mortal((name: string) => files.sync(name)),
          remove: mortal((name: string) => files.remove(name)),
          rename: mortal((name: string, to: string) => files.rename(name, to)),
        },
        onClose: () => files.close(),
      });
      return {
        journal,
        async crash() {
          isOver = true;
          await Promise.allSettled([...under]);
          await files.close();
        },
      };
    },
    async bytes() {
      const sizes = await Promise.all((await names()).map(async (name) => (await stat(join(folder, name))).size));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    async change(change) {
      const name =
        (await names())
          .filter((file) => /^segment-\d+$/.test(file))
          .toSorted()
          .at(-1) ?? "";
      await writeFile(join(folder, name), change(await readFile(join(folder, name))));
      return name;
    },
    names,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

test("createFileJournal lets one process have a folder, until it lets go", async () => {
  const folder = await mkdtemp(join(tmpdir(), "orrery-journal-"));
  const first = await createFileJournal(join(folder, "deep", "journal"));
  await assert.rejects(createFileJournal(join(folder, "deep", "journal")), {
    code: "failed_precondition",
    message: /: another process has it, stop it first or name another folder$/,
  });
  await first.recall();
  await first.keep(new Uint8Array(10));
  await first.close();
  const second = await createFileJournal(join(folder, "deep", "journal"));
  assert.equal((await second.recall()).entries.length, 1);
  await second.close();
  await rm(folder, { recursive: true });
});

test("createFileJournal writes files that only their user may read", async () => {
  const folder = join(await mkdtemp(join(tmpdir(), "orrery-journal-")), "journal");
  const journal = await createFileJournal(folder);
  await journal.recall();
  await journal.keep(new Uint8Array(10));
  const [name = ""] = await readdir(folder);
  assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  await journal.close();
  await rm(folder, { recursive: true });
});
