import { readFile, stat } from "node:fs/promises";
import { type Directory, OrreryError } from "@orrery/core";
import { DIRECTORY_BYTES_MAX } from "./limits.ts";
import { parseDirectory } from "./parse-directory.ts";

/**
 * Reads a static directory from a file.
 * @throws OrreryError `not_found` when there is no such file, `invalid_argument` as `parseDirectory`, with the file's name in each line.
 */
export async function readDirectory(file: string): Promise<Directory> {
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > DIRECTORY_BYTES_MAX)
      throw new OrreryError(
        "invalid_argument",
        `Cannot read directory "${file}": it has ${size} bytes, the limit is ${DIRECTORY_BYTES_MAX}`,
      );
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof OrreryError) throw cause;
    const why = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (cause as Error).message;
    throw new OrreryError("not_found", `Cannot read directory "${file}": ${why}`, { cause });
  }
  return parseDirectory(text, { file });
}
