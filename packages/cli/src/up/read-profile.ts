import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { nearNames } from "@orrery/core/edit-distance";
import { type RecordShape, readDocument, record, type Shape, TEXT } from "@orrery/mesh/internal";
import { COMMON_FLAGS, type CommandInput, type FlagData } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { PROFILE_FILE_BYTES_MAX, PROFILES_MAX } from "./limits.ts";

/** Where profiles are looked for, in the folder in which the command is typed. */
export const PROFILES_FILE = "orrery.profiles.yaml";

type Said = Readonly<Record<string, string | readonly string[]>>;

interface SaidProfiles {
  readonly profiles: Readonly<Record<string, Said>>;
}

/**
 * What was typed, with the flags of the profile that it names behind: what is typed counts, and what is not is as the profile says.
 * @throws CommandError where there is no such file, or no such profile; OrreryError `invalid_argument` with each mistake and its place
 */
export function withProfile(input: CommandInput, terminal: Terminal): CommandInput {
  const name = input.text("profile");
  if (name === undefined) return input;
  const { profiles = {} } = readProfiles(input, terminal);
  const said = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (said === undefined) {
    const names = Object.keys(profiles);
    const near = nearNames(name, names)[0];
    const hint = near === undefined ? `there are ${names.join(", ") || "none"}` : `did you mean "${near}"?`;
    throw usageError(`Cannot use profile "${name}": ${PROFILES_FILE} has none of that name, ${hint}`);
  }
  return {
    ...input,
    has: (flag) => input.has(flag),
    text: (flag) => input.text(flag) ?? textOf(said, flag),
    texts: (flag) => {
      const typed = input.texts(flag);
      return typed.length > 0 ? typed : [said[flag] ?? []].flat();
    },
  };
}

function readProfiles(input: CommandInput, terminal: Terminal): SaidProfiles | Record<string, never> {
  const path = resolve(terminal.cwd, PROFILES_FILE);
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (cause) {
    const text = `Cannot read ${PROFILES_FILE} for --profile: ${(cause as Error).message}`;
    throw new CommandError(text, { exit: EXIT.notFound, tip: "orrery up --help", cause });
  }
  const options = { file: PROFILES_FILE, bytesMax: PROFILE_FILE_BYTES_MAX, showsLines: true };
  return readDocument<SaidProfiles>(content, shapeOf(input.command.flags), options);
}

/** A profile says what flags say, in their words. */
function shapeOf(flags: readonly FlagData[]): RecordShape {
  const common = new Set(["profile", ...COMMON_FLAGS.map(({ name }) => name)]);
  const own = flags.filter(({ name, kind }) => !common.has(name) && kind !== "switch");
  const fields = own.map(({ name, kind, summary }) => [name, { shape: shapeOfFlag(kind), about: summary }] as const);
  const names = {
    kind: "text",
    what: "a name",
    pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    example: "lab",
  } as const;
  const of = record(Object.fromEntries(fields));
  return record({
    profiles: { shape: { kind: "map", names, of, max: PROFILES_MAX }, about: "Flags by the names of profiles." },
  });
}

function shapeOfFlag(kind: FlagData["kind"]): Shape {
  return kind === "values" ? { kind: "list", of: TEXT, min: 0, max: 1_000 } : { kind: "scalar" };
}

function textOf(said: Said, flag: string): string | undefined {
  const value = Object.hasOwn(said, flag) ? said[flag] : undefined;
  return value === undefined || typeof value === "object" ? undefined : String(value);
}
