import { appendFile, chmod, readFile, rename, stat } from "node:fs/promises";
import type { AdminAct, AdminAudit } from "./audit.ts";
import { ADMIN_AUDIT_BYTES_MAX, ADMIN_AUDIT_SHOWN } from "./limits.ts";

/** Opens an audit in a file of lines of JSON, which only its user may read. When it is full it is put aside as `.1`, in the place of the one before. */
export async function openAuditFile(path: string): Promise<AdminAudit> {
  const before = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (before !== "") await chmod(path, 0o600);
  const acts = before.split("\n").flatMap(readAct).slice(-ADMIN_AUDIT_SHOWN);
  if (before !== "" && !before.endsWith("\n")) await appendFile(path, "\n"); // A crash cut the last line short.
  let turn: Promise<void> = Promise.resolve();
  const write = async (act: AdminAct) => {
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    if (size > ADMIN_AUDIT_BYTES_MAX) await rename(path, `${path}.1`);
    await appendFile(path, `${JSON.stringify(act)}\n`, { mode: 0o600, flush: true });
    acts.push(act);
    if (acts.length > ADMIN_AUDIT_SHOWN) acts.shift();
  };
  return {
    append: (act) => {
      const done = turn.then(() => write(act));
      turn = done.catch(() => undefined);
      return done;
    },
    newest: () => acts.toReversed(),
  };
}

/** A line of the file; one that a crash cut short is left out. */
function readAct(line: string): readonly AdminAct[] {
  try {
    return line === "" ? [] : [JSON.parse(line) as AdminAct];
  } catch {
    return [];
  }
}
