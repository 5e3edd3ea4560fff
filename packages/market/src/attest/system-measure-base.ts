import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join, sep } from "node:path";
import { OrreryError } from "@orrery/core";
import type { Measurement } from "./evidence.ts";

/** Most files of one part of a base. */
export const BASE_FILES_MAX = 100_000;

/**
 * Measures what a provider runs on, by part: the digest of a file, or of all files of a folder with their paths. It changes with each byte, name and link
 * there, and with nothing else: not with times, owners or modes, so that two machines with the same files measure the same. The file of a provider is
 * no part of it: quotes and the contract have what is relied on of it, and it is another on each machine.
 * @throws OrreryError `failed_precondition` for what cannot be read, and for sockets, devices and the like
 */
export async function measureBase(parts: Readonly<Record<string, string>>): Promise<readonly Measurement[]> {
  const measured: Measurement[] = [];
  for (const [name, path] of Object.entries(parts)) {
    const fail = (cause: NodeJS.ErrnoException) =>
      new OrreryError("failed_precondition", `Cannot measure "${path}" as "${name}" of the base: ${cause.message}`, {
        cause,
      });
    const digest = await digestOfPath(path).catch((cause) => {
      throw fail(cause as NodeJS.ErrnoException);
    });
    measured.push({ kind: "base", name, digest });
  }
  return measured;
}

async function digestOfPath(path: string): Promise<string> {
  const found = await lstat(path);
  if (!found.isDirectory()) return digestOfOne(path, found);
  const names = await readdir(path, { recursive: true });
  if (names.length > BASE_FILES_MAX) throw new Error(`it has more than ${BASE_FILES_MAX} files`);
  const all = createHash("sha256");
  for (const name of names.map((one) => one.split(sep).join("/")).sort()) {
    const one = await lstat(join(path, name));
    if (!one.isDirectory()) all.update(`${await digestOfOne(join(path, name), one)} ${JSON.stringify(name)}\n`);
  }
  return all.digest("hex");
}

async function digestOfOne(path: string, found: Awaited<ReturnType<typeof lstat>>): Promise<string> {
  const sum = createHash("sha256");
  if (found.isSymbolicLink()) return sum.update(`link ${await readlink(path)}`).digest("hex");
  if (!found.isFile()) throw new Error(`"${path}" is no file`);
  for await (const piece of createReadStream(path)) sum.update(piece as Uint8Array);
  return sum.digest("hex");
}
