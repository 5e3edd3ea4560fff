import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { lockFolder } from "./system-lock.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-lock-"));
after(() => rmSync(folder, { recursive: true }));

describe("lockFolder", () => {
  it("lets one process have a folder for one purpose, and tells others who has it", async () => {
    const lock = await lockFolder(folder);
    await assert.rejects(
      lockFolder(folder),
      (error) =>
        isOrreryError(error) &&
        error.code === "failed_precondition" &&
        error.details?.["pid"] === process.pid &&
        error.message.includes(`another supervisor runs there, process ${process.pid}, stop it first`),
    );
    const other = await lockFolder(folder, { purpose: "up" });
    await assert.rejects(lockFolder(folder, { purpose: "up", refusal: (pid) => `No: ${pid}` }), {
      message: `No: ${process.pid}`,
    });
    other[Symbol.dispose]();
    lock[Symbol.dispose]();
    (await lockFolder(folder))[Symbol.dispose]();
  });

  it("takes no other failure for somebody who has it", async () => {
    const purpose = "a-name-that-is-longer-than-those-that-the-machine-gives".repeat(2);
    await assert.rejects(
      lockFolder(folder, { purpose }),
      (error) =>
        isOrreryError(error) &&
        error.code === "unimplemented" &&
        error.message.startsWith(
          `Cannot take "${folder}" for one process: this machine does not give the name for that (`,
        ),
    );
  });
});
