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
});
