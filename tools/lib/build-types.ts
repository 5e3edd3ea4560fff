import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandResult, runCommand } from "./command.ts";
import { ROOT } from "./project.ts";

let built: Promise<CommandResult> | undefined;

/** Builds the types in `dist` of every package, once for all steps that need them. */
export function buildTypes(): Promise<CommandResult> {
  built ??= buildTypesIn("");
  return built;
}

/**
 * Builds the types below a folder, from the root. What the type checker keeps of its last time counts only where that ended well, over the
 * same installed packages: it never looks again for a module that was missing, and npm gives all files the same old time.
 */
export async function buildTypesIn(folder: string): Promise<CommandResult> {
  const installed = join(ROOT, folder, "node_modules", ".package-lock.json");
  const now = existsSync(installed) ? readFileSync(installed, "utf8") : "";
  /** Tells over which packages the last build ended well; absent where it did not. */
  const record = join(ROOT, folder, "node_modules", ".types-built");
  const isTrusted = existsSync(record) && readFileSync(record, "utf8") === now;
  rmSync(record, { force: true });
  const words = ["tsc", "-b", "tsconfig.build.json", "--pretty", "false", ...(isTrusted ? [] : ["--force"])];
  const result = await runCommand(words, { folder });
  if (result.code === 0) writeFileSync(record, now);
  return result;
}
