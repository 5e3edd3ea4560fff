import { test } from "node:test";
import type { Clock } from "@orrery/core";
import { type JournalMedium, testJournal } from "@orrery/core/conformance";
import { createDisk } from "./disk.ts";
import { createDiskJournal } from "./disk-journal.ts";

testJournal("createDiskJournal", { test, createMedium: diskMedium });

/** A disk that takes no time; in a crash chance decides how much of what was not synced is there, here by turns. */
function diskMedium(): JournalMedium {
  let turn = 0;
  const disk = createDisk({
    node: "here",
    clock: () => INSTANT,
    survival: {
      next: (usual) =>
        usual({ next: () => 0, integer: (max: number) => turn++ % max, bytes: () => undefined } as never),
    },
  });
  const names = async () => (await disk.list()).map((name) => name.replace("journal/", ""));
  return {
    open: async (bounds) => ({ journal: createDiskJournal(disk, bounds), crash: () => disk.crash() }),
    async bytes() {
      const files = await Promise.all((await disk.list()).map((name) => disk.read(name)));
      return files.reduce((sum, file) => sum + (file?.length ?? 0), 0);
    },
    async change(change) {
      const name =
        (await names())
          .filter((file) => /^segment-\d+$/.test(file))
          .toSorted()
          .at(-1) ?? "";
      await disk.write(`journal/${name}`, change((await disk.read(`journal/${name}`)) ?? new Uint8Array(0)));
      await disk.sync();
      return name;
    },
    names,
    [Symbol.asyncDispose]: async () => disk.wipe(),
  };
}

const INSTANT: Clock = {
  now: () => 0,
  monotonic: () => 0,
  sleep: async () => undefined,
  timer: () => ({ cancel: () => undefined }),
};
