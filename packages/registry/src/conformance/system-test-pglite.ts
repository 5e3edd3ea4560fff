import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { openPGlite } from "../store/system-pglite.ts";

/**
 * Opens an empty PGlite in memory. The first of a machine takes seconds and leaves an image beside the installed packages; the others open that,
 * seven times as fast.
 */
export async function openTestPGlite(): ReturnType<typeof openPGlite> {
  const path = imagePath();
  if (existsSync(path)) return openPGlite({ image: new Blob([readFileSync(path)]) });
  const database = await openPGlite();
  await database.pglite.exec("alter system set log_startup_progress_interval = 0"); // Its timer would keep a process alive that opens the image.
  const image = await database.pglite.dumpDataDir("none");
  const draft = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(draft, await image.bytes());
  renameSync(draft, path); // Others may make the same at the same time.
  return database;
}

function imagePath(): string {
  const main = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  const [modules = ""] = main.split(/(?<=node_modules)[/\\]@electric-sql/);
  const { version } = createRequire(main)(join(modules, "@electric-sql/pglite/package.json")) as { version: string };
  return join(modules, ".cache/orrery", `pglite-${version}.tar`);
}
