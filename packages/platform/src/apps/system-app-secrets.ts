import { basename, join } from "node:path";
import type { SuperviseState } from "@orrery/mesh/supervise";
import type { AppRelease } from "./app-release.ts";
import { replaceFile } from "./system-replace-file.ts";

/** Name of the file with the secrets of a release. */
export function envFile({ id }: Pick<AppRelease, "id">): string {
  return `env-${id}`;
}

/** Names of the files of secrets that programs name: of those that are wanted, and of those that run or have not been cleaned up after. */
export function envFilesOf({ spec, processes }: SuperviseState): ReadonlySet<string> {
  const programs = [...spec.groups.flatMap(({ children }) => children), ...processes].map(({ program }) => program);
  return new Set(programs.flatMap((program) => basename((program as { envFile?: string }).envFile ?? "") || []));
}

/** Writes the values of secrets where only processes of this user read them. */
export function writeSecrets(home: string, { id, secrets }: AppRelease): void {
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${quoted(value)}`);
  if (lines.length > 0) replaceFile(join(home, envFile({ id })), `${lines.join("\n")}\n`);
}

/** As Node's files of variables have it; a value may have one kind of quote at most, beside any letters and lines. */
function quoted(value: string): string {
  const quote = ["'", '"', "`"].find((one) => !value.includes(one)) ?? "'";
  return `${quote}${value}${quote}`;
}
