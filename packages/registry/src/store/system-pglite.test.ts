import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { sql } from "kysely";
import { openPGlite } from "./system-pglite.ts";

it("openPGlite has a folder alone until it is closed, and tells whoever comes by which process", async (t) => {
  const above = mkdtempSync(join(tmpdir(), "orrery-pglite-"));
  t.after(() => rmSync(above, { recursive: true, force: true }));
  const folder = join(above, "made", "here");
  const first = await openPGlite({ folder });
  await sql`create table kept (n int)`.execute(first.kysely);
  await sql`insert into kept values (7)`.execute(first.kysely);
  await assert.rejects(
    openPGlite({ folder }),
    (error) =>
      isOrreryError(error) &&
      error.code === "failed_precondition" &&
      error.message.includes(`process ${process.pid} has it open, close it there first`),
  );
  await first.close();
  const second = await openPGlite({ folder });
  assert.deepEqual((await sql`select n from kept`.execute(second.kysely)).rows, [{ n: 7 }]);
  await second.close();
});

it("openPGlite gives a folder back that it could not open", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-pglite-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "PG_VERSION"), "1\n");
  const tell = (error: unknown) => !(isOrreryError(error) && error.message.includes("has it open"));
  await assert.rejects(openPGlite({ folder }), tell);
  await assert.rejects(openPGlite({ folder }), tell);
});
