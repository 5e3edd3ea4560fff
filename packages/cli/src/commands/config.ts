import type { CommandData, FlagData } from "../command.ts";
import { SPACE_FLAGS } from "./resource-flags.ts";

const SCOPE: FlagData = {
  name: "scope",
  kind: "value",
  placeholder: "NAME",
  summary: "Config of its own, such as that of an app; that of the whole space by default",
};
const PATH = { usage: "[PATH]", summary: "Such as db.host; everything by default", min: 0, max: 1 } as const;

/** Commands about the config of a space. */
export const CONFIG_COMMANDS: readonly CommandData[] = [
  {
    name: "config get",
    summary: "Show config",
    description:
      "Text is printed as it is, anything else as JSON. Secrets are [secret], unless they are asked for by somebody who may read SPACE:[secrets].",
    words: PATH,
    flags: [SCOPE, { name: "secrets", kind: "switch", summary: "Show the values of secrets" }, ...SPACE_FLAGS],
    examples: [
      { words: "config get --space=demo.test", does: "all of it" },
      { words: "config get db.host --space=demo.test", does: "one value" },
      { words: "config get db.password --secrets --space=demo.test", does: "a secret" },
    ],
    load: () => import("../config/run-config-get.ts"),
  },
  {
    name: "config set",
    summary: "Set config, several paths as one",
    description:
      "What reads as JSON is that, all else is text; - is standard input, so that a secret stands in no history of a shell. An object is merged into what is there, anything else takes its place. All is set, or nothing.",
    words: { usage: "PATH VALUE [PATH VALUE …]", summary: "Such as db.host localhost", min: 2 },
    flags: [
      SCOPE,
      {
        name: "secret",
        kind: "switch",
        summary: "Keep the values encrypted, and show them to those alone who may read secrets",
      },
      {
        name: "if-version",
        kind: "value",
        placeholder: "N",
        summary: "Only if the scope is at this version; 0: if nothing was ever set",
      },
      ...SPACE_FLAGS,
    ],
    examples: [
      { words: "config set db.host localhost db.port 5432 --space=demo.test", does: "two values, as one" },
      { words: `config set db '{"pool":8}' --space=demo.test`, does: "merge an object into db" },
      { words: "config set db.password - --secret --space=demo.test", does: "a secret, from standard input" },
    ],
    load: () => import("../config/run-config-set.ts"),
  },
  {
    name: "config rm",
    summary: "Remove config",
    description: "With all that is in it. Several paths are removed as one.",
    words: { usage: "PATH…", summary: "Such as db.host", min: 1 },
    flags: [SCOPE, ...SPACE_FLAGS],
    examples: [{ words: "config rm db.host --space=demo.test", does: "one value" }],
    load: () => import("../config/run-config-rm.ts"),
  },
  {
    name: "config watch",
    summary: "Show changes of config as they are made, until Ctrl-C",
    description: "None is missing and none comes twice; --after goes on where another watch ended.",
    words: PATH,
    flags: [
      SCOPE,
      { name: "after", kind: "value", placeholder: "N", summary: "Changes after this version; from now on by default" },
      { name: "count", kind: "value", placeholder: "N", summary: "End after so many changes" },
      ...SPACE_FLAGS,
    ],
    examples: [
      { words: "config watch db --space=demo.test", does: "changes of db and what is in it" },
      { words: "config watch --after=0 --count=1 --space=demo.test", does: "the first change" },
    ],
    load: () => import("../config/run-config-watch.ts"),
  },
  {
    name: "config history",
    summary: "Show what was changed, the newest first",
    description: "The last 1,000 changes of a scope are kept. Of a secret it says that it was set, never what it was.",
    words: PATH,
    flags: [
      SCOPE,
      { name: "limit", kind: "value", placeholder: "N", default: "20", summary: "Most changes" },
      ...SPACE_FLAGS,
    ],
    examples: [{ words: "config history db.host --space=demo.test", does: "of one value" }],
    load: () => import("../config/run-config-history.ts"),
  },
];
