import { type JsonValue, toJson } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import type { ChangedPathMessage, ConfigChangeMessage } from "@orrery/platform/services";
import type { CommandInput } from "../command.ts";
import { readSpace } from "../spaces/space-place.ts";
import type { Terminal } from "../terminal.ts";

/** Which config is meant. */
export interface ConfigPlaceWish {
  readonly space: string;
  readonly scope: string;
}

/** Reads which config is meant. */
export function readConfigPlace(input: CommandInput, terminal: Terminal): ConfigPlaceWish {
  return { space: readSpace(input, terminal), scope: input.text("scope") ?? "" };
}

/** What a value is as JSON. */
export function jsonOf(value: Value | undefined): JsonValue {
  return value === undefined ? null : toJson(ValueSchema, value);
}

/** A value for people: text as it is. */
export function valueText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** A change as JSON. */
export function changeJson({ version, atMs, agent, paths }: ConfigChangeMessage) {
  return {
    version: Number(version),
    at: Number(atMs),
    agent,
    paths: paths.map(({ path, value, secret, removed }) => {
      if (removed) return { path, removed };
      return secret ? { path, secret } : { path, value: jsonOf(value) };
    }),
  };
}

/** A change as rows of a table, one for each path. */
export function changeRows({ version, atMs, agent, paths }: ConfigChangeMessage): readonly (readonly string[])[] {
  const at = new Date(Number(atMs)).toISOString();
  return paths.map((one) => [String(version), at, agent || "anonymous", one.path, saidOf(one)]);
}

function saidOf({ value, secret, removed }: ChangedPathMessage): string {
  if (removed) return "(removed)";
  return secret ? "[secret]" : JSON.stringify(jsonOf(value));
}
