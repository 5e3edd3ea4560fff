import type { JsonValue } from "@orrery/core";
import { COMMAND_WORDS_MAX, MANIFEST_ITEMS_MAX } from "./limits.ts";
import { listOf, type RecordShape, record, type Shape, TEXT, type TextShape } from "./shape.ts";
import { schemaOf } from "./shape-schema.ts";

const PATH: TextShape = {
  kind: "text",
  what: "a path from this folder",
  pattern: /^[^\0]+$/,
  example: "data/prices.json",
};
const DURATION: TextShape = { kind: "text", what: "a time", pattern: /^\d+(\.\d+)?(ms|s|m|h)$/, example: "30s" };
const SIZE: TextShape = {
  kind: "text",
  what: "a size",
  pattern: /^\d+(\.\d+)?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/,
  example: "512MiB",
};
const VARIABLE: TextShape = {
  kind: "text",
  what: "a variable",
  pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  example: "DATABASE_URL",
};
const PLACE: TextShape = {
  kind: "text",
  what: "a place",
  pattern: /^(https?:\/\/\S+|tcp:\/\/[^\s/:]+:\d+)$/,
  example: "https://example.com/ or tcp://db:5432",
};
const COMMAND_NAME: TextShape = {
  kind: "text",
  what: "a name",
  pattern: /^[A-Za-z0-9][A-Za-z0-9 ._-]*$/,
  example: "schema",
};
const INSTANCES: Shape = { kind: "integer", min: 1, max: 1024 };
const COUNT: Shape = { kind: "integer", min: 1, max: Number.MAX_SAFE_INTEGER };
const PORT: Shape = { kind: "integer", min: 1, max: 65_535 };
const FLAG: Shape = { kind: "boolean" };
const ANY_NUMBER: Shape = { kind: "number", min: -Number.MAX_VALUE, max: Number.MAX_VALUE };

/** Types that a variable may have. */
export const VARIABLE_TYPES = ["string", "integer", "number", "boolean", "url", "duration", "one-of"] as const;

const VARIABLE_RECORD = record({
  type: { shape: { kind: "choice", of: VARIABLE_TYPES }, about: "What it is. Default: string." },
  about: { shape: TEXT, about: "What it is for; told where it is missing." },
  required: { shape: FLAG, about: "Whether it must be there. Default: true, unless it has a default." },
  default: { shape: { kind: "scalar" }, about: "What counts where it is not set. A secret has none." },
  secret: { shape: FLAG, about: "Never shown in logs and errors. Default: false." },
  min: { shape: ANY_NUMBER, about: "Least number." },
  max: { shape: ANY_NUMBER, about: "Greatest number." },
  values: { shape: listOf(TEXT, MANIFEST_ITEMS_MAX, 1), about: "Words of which it is one, for type one-of." },
  from: {
    shape: record({
      file: { shape: PATH, about: "File that holds it; a secret's file is readable by its owner alone." },
      env: { shape: VARIABLE, about: "Variable of the machine that holds it." },
    }),
    about: "Where it comes from: file or env. Default: the variable of its own name.",
  },
});

const SCRIPT: TextShape = { kind: "text", what: "a script of this folder", pattern: /^[^\0]+$/, example: "migrate.ts" };
/** A command: a script of the folder, or a list of words. */
const COMMAND: Shape = {
  kind: "either",
  short: SCRIPT,
  long: record({
    name: { shape: COMMAND_NAME, about: "What it is called in logs. Default: its first words." },
    script: { shape: SCRIPT, about: "A script of this folder: .ts, .mts, .js and .mjs by Node, else by itself." },
    run: {
      shape: listOf(TEXT, COMMAND_WORDS_MAX, 1),
      about: "Program and arguments; node is the Node that runs Orrery.",
    },
    within: { shape: DURATION, about: "How long it may take. Default: 60s." },
  }),
};
const COMMANDS = listOf(COMMAND, MANIFEST_ITEMS_MAX);

/** All that a `component.yaml` may say. */
export const MANIFEST_SHAPE: RecordShape = record({
  name: { shape: TEXT, about: "Name of the component's service, or the last part of it." },
  version: {
    shape: { kind: "text", what: "a version", pattern: /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, example: "1.2.0" },
    about: "Version, in place of the one that the code says.",
  },
  main: { shape: PATH, about: "Script that exports the component. Default: the index, or every script of the folder." },
  engine: { shape: TEXT, about: "Versions of Node that it runs on, such as >=24." },
  variables: {
    shape: {
      kind: "map",
      names: VARIABLE,
      of: { kind: "either", short: { kind: "choice", of: VARIABLE_TYPES.slice(0, -1) }, long: VARIABLE_RECORD },
      max: MANIFEST_ITEMS_MAX,
    },
    about: "Variables by name: a type, or more.",
  },
  files: {
    shape: listOf(
      {
        kind: "either",
        short: PATH,
        long: record({
          path: { shape: PATH, about: "From this folder.", isRequired: true },
          is: { shape: { kind: "choice", of: ["file", "folder"] }, about: "What is there. Default: file." },
          access: { shape: { kind: "choice", of: ["read", "write"] }, about: "What must be allowed. Default: read." },
        }),
      },
      MANIFEST_ITEMS_MAX,
    ),
    about: "Files and folders that must be there.",
  },
  ports: {
    shape: {
      kind: "map",
      names: COMMAND_NAME,
      of: {
        kind: "either",
        short: PORT,
        long: record({
          port: { shape: PORT, about: "TCP port.", isRequired: true },
          host: { shape: TEXT, about: "Address of this machine. Default: 0.0.0.0." },
        }),
      },
      max: MANIFEST_ITEMS_MAX,
    },
    about: "TCP ports by name at which it must be able to listen.",
  },
  disk: { shape: SIZE, about: "Least free space where the folder is." },
  memory: { shape: SIZE, about: "Least free memory." },
  reach: {
    shape: listOf(
      {
        kind: "either",
        short: PLACE,
        long: record({
          to: { shape: PLACE, about: "URL, or tcp://HOST:PORT.", isRequired: true },
          required: { shape: FLAG, about: "Whether it must be reachable to start. Default: false, only to be ready." },
          within: { shape: DURATION, about: "How long it may take. Default: 2s." },
        }),
      },
      MANIFEST_ITEMS_MAX,
    ),
    about: "Places that it needs.",
  },
  checks: {
    shape: COMMANDS,
    about: "Commands that must end with code 0; the last line that one prints says why it did not.",
  },
  commands: {
    shape: record({
      beforeStart: { shape: COMMANDS, about: "Run one after another before it starts." },
      afterShutdown: { shape: COMMANDS, about: "Run one after another when it has ended, however it ended." },
    }),
    about: "Commands of its life.",
  },
  packages: { shape: FLAG, about: "Whether what package.json names must be installed. Default: true." },
  instances: { shape: INSTANCES, about: "Copies to run, in place of what the code says." },
  resources: {
    shape: record({ memoryMax: { shape: SIZE, about: "Memory that one process may hold." } }),
    about: "What it may use.",
  },
  limits: {
    shape: record({
      inbox: {
        shape: record({
          messages: { shape: COUNT, about: "Messages that may wait for one instance." },
          bytes: { shape: SIZE, about: "Bytes of bodies that may wait for one instance." },
        }),
        about: "Of each instance's inbox.",
      },
      instances: {
        shape: record({
          min: { shape: INSTANCES, about: "Least copies." },
          max: { shape: INSTANCES, about: "Most copies." },
        }),
        about: "Of its copies.",
      },
    }),
    about: "How much it takes on.",
  },
});

/** The JSON Schema of `component.yaml`. */
export function manifestSchema(): Readonly<Record<string, JsonValue>> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "component.yaml",
    ...schemaOf(MANIFEST_SHAPE),
  };
}
