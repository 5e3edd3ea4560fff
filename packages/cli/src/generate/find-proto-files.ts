import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { OrreryError } from "@orrery/core";

/** Protobuf files that one project may have. */
export const PROTO_FILES_MAX = 10_000;

const SKIPPED: ReadonlySet<string> = new Set(["node_modules", "dist", "gen", ".git", ".orrery"]);

/**
 * Lists the protobuf files below a folder, as paths relative to it, sorted; what was installed, built or generated is left out.
 * @throws OrreryError `not_found` when there is no such folder or no such file in it.
 */
export async function findProtoFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (place: string): Promise<void> => {
    for (const entry of await readdir(place, { withFileTypes: true })) {
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) await visit(join(place, entry.name));
      else if (entry.isFile() && entry.name.endsWith(".proto")) found.push(relative(folder, join(place, entry.name)));
      if (found.length > PROTO_FILES_MAX) throw tooMany(folder);
    }
  };
  try {
    await visit(folder);
  } catch (cause) {
    if (cause instanceof OrreryError) throw cause;
    throw new OrreryError("not_found", `Cannot read folder "${folder}": ${(cause as Error).message}`, { cause });
  }
  if (found.length > 0) return found.sort();
  throw new OrreryError(
    "not_found",
    `Cannot generate from "${folder}": it has no .proto file, write one or name the folder that has`,
  );
}

function tooMany(folder: string): OrreryError {
  return new OrreryError(
    "resource_exhausted",
    `Cannot generate from "${folder}": it has more than ${PROTO_FILES_MAX} .proto files`,
  );
}
