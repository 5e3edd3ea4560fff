import type { CommandData, FlagData } from "../command.ts";
import { SPACE_FLAGS } from "./resource-flags.ts";

const TABLE: readonly FlagData[] = [
  { name: "database", kind: "value", placeholder: "NAME", default: "main", summary: "Of the table" },
  { name: "table", kind: "value", placeholder: "NAME", default: "main", summary: "Where the entry is" },
];
const IF_VERSION: FlagData = {
  name: "if-version",
  kind: "value",
  placeholder: "N",
  summary: "Only if the entry is at this version; 0: if there is none",
};

/** Commands about the store of a space. */
export const STORE_COMMANDS: readonly CommandData[] = [
  {
    name: "store get",
    summary: "Show the value of an entry",
    description:
      "As it is, to the byte. With --output=json in base64, with version and time, and as text where it is text.",
    words: { usage: "KEY", summary: "Such as orders/1", min: 1, max: 1 },
    flags: [...TABLE, ...SPACE_FLAGS],
    examples: [{ words: "store get orders/1 --space=demo.test", does: "one value" }],
    load: () => import("../store/run-store-get.ts"),
  },
  {
    name: "store set",
    summary: "Set an entry",
    description: "The value is text, or standard input where it is -.",
    words: { usage: "KEY VALUE", summary: "Such as orders/1 open", min: 2, max: 2 },
    flags: [
      {
        name: "ttl",
        kind: "value",
        placeholder: "TIME",
        summary: "How long it stays, such as 90s or 12h; until it is removed by default",
      },
      IF_VERSION,
      ...TABLE,
      ...SPACE_FLAGS,
    ],
    examples: [
      { words: "store set orders/1 open --space=demo.test", does: "one value" },
      { words: "store set seen/ann yes --ttl=1h --space=demo.test", does: "for an hour" },
      { words: "store set photo - --space=demo.test < cat.png", does: "bytes of a file" },
    ],
    load: () => import("../store/run-store-set.ts"),
  },
  {
    name: "store rm",
    summary: "Remove an entry",
    description: "With --if-version only where it is still what was read.",
    words: { usage: "KEY", summary: "Such as orders/1", min: 1, max: 1 },
    flags: [IF_VERSION, ...TABLE, ...SPACE_FLAGS],
    examples: [{ words: "store rm orders/1 --space=demo.test", does: "one entry" }],
    load: () => import("../store/run-store-rm.ts"),
  },
  {
    name: "store ls",
    summary: "List keys in the order of their bytes",
    description: "With --output=json a page has next where more follow, which --after takes.",
    words: { usage: "[PREFIX]", summary: "Only keys that begin so", min: 0, max: 1 },
    flags: [
      { name: "descending", kind: "switch", summary: "The last key first" },
      { name: "limit", kind: "value", placeholder: "N", default: "1000", summary: "Most keys" },
      { name: "offset", kind: "value", placeholder: "N", summary: "Keys that are passed over first" },
      { name: "after", kind: "value", placeholder: "NEXT", summary: "Where the page before ended" },
      ...TABLE,
      ...SPACE_FLAGS,
    ],
    examples: [{ words: "store ls orders/ --limit=10 --space=demo.test", does: "the first ten" }],
    load: () => import("../store/run-store-ls.ts"),
  },
  {
    name: "store tables",
    summary: "List the tables that hold something",
    description: "With how many entries, and bytes of keys and values.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...SPACE_FLAGS],
    examples: [{ words: "store tables --space=demo.test", does: "all of a space" }],
    load: () => import("../store/run-store-tables.ts"),
  },
];
