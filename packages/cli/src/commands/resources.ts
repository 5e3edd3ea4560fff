import type { CommandData } from "../command.ts";
import { ADDRESS_WORD, PROPERTY_FLAGS, REVISION_FLAG, SERVER_FLAGS, WRITE_FLAGS } from "./resource-flags.ts";

const createCommand: CommandData = {
  name: "create",
  summary: "Create a resource",
  description:
    'The kind says where it may lie and which properties it has. Properties stand behind the kind, as in { +title="Hi", +@owner=ann }, or in flags; +@ also keeps the resource from changing one by itself. Quotes make text of what would read as JSON.',
  words: { usage: "ADDRESS<Kind>[{ +NAME=VALUE, … }]", summary: "What to create", min: 1, max: 1 },
  flags: [
    { name: "kind", kind: "value", placeholder: "KIND", summary: "In the place of <Kind>" },
    ...PROPERTY_FLAGS,
    { name: "owner", kind: "value", placeholder: "AGENT", summary: "Who owns it; who creates it by default" },
    { name: "ensure", kind: "switch", summary: "Leave it as it is where it is there already" },
    { name: "update", kind: "switch", summary: "Change it to this where it is there already" },
    { name: "directories", kind: "switch", summary: "Make the directories on the way to it" },
    ...WRITE_FLAGS,
    ...SERVER_FLAGS,
  ],
  examples: [
    { words: "create 'demo.test<Space>'", does: "a space, which lies in nothing" },
    { words: `create 'demo.test:files<FileSystem>{ +title="Files" }'`, does: "with a property" },
    { words: "create demo.test:docs --kind=Base --set title=Docs --ensure", does: "unless it is there" },
  ],
  load: () => import("../resources/run-create.ts"),
};

const lsCommand: CommandData = {
  name: "ls",
  summary: "List resources",
  description:
    "An address means what is in it; * stands for one step and ** at the end for everything below; <Kind> behind it leaves only that kind. Prints a line ADDRESS<Kind> for each that you may see.",
  words: { usage: "[ADDRESS-or-SELECTOR]", summary: "All spaces by default", min: 0, max: 1 },
  flags: [{ name: "long", kind: "switch", summary: "A table with status, owner and revision" }, ...SERVER_FLAGS],
  examples: [
    { words: "ls", does: "all spaces" },
    { words: "ls demo.test", does: "what is in one" },
    { words: "ls 'demo.test:**<File>' --long", does: "every file in it, at any depth" },
  ],
  load: () => import("../resources/run-ls.ts"),
};

const getCommand: CommandData = {
  name: "get",
  summary: "Show a resource, or some of it",
  description:
    "Names in braces give the values alone: those of properties, else of kind, owner, status, reason, revision, created and content. Secrets are hidden.",
  words: { usage: "ADDRESS[{ NAME, … }]", summary: "What to show", min: 1, max: 1 },
  flags: [...SERVER_FLAGS],
  examples: [
    { words: "get demo.test", does: "all of it" },
    { words: "get 'demo.test{ title }'", does: "one value" },
    { words: "get demo.test --output=json", does: "for a program" },
  ],
  load: () => import("../resources/run-get.ts"),
};

const setCommand: CommandData = {
  name: "set",
  summary: "Change properties, labels or the owner of a resource",
  description:
    "What is not named stays. +NAME=VALUE sets, !NAME takes away, +@NAME=VALUE sets and keeps the resource from changing it by itself. All of it is done, or nothing.",
  words: { usage: "ADDRESS[{ +NAME=VALUE, !NAME, … }]", summary: "What to change", min: 1, max: 1 },
  flags: [
    ...PROPERTY_FLAGS,
    { name: "unset", kind: "values", placeholder: "NAME", summary: "A property that goes; may be repeated" },
    { name: "unlabel", kind: "values", placeholder: "NAME", summary: "A label that goes; may be repeated" },
    { name: "owner", kind: "value", placeholder: "AGENT", summary: "Whom to give it to" },
    REVISION_FLAG,
    ...WRITE_FLAGS,
    ...SERVER_FLAGS,
  ],
  examples: [
    { words: `set 'demo.test{ +title="Hi" }'`, does: "set one property" },
    { words: "set 'demo.test{ !title }'", does: "take it away" },
    { words: "set demo.test --set title=Hi --if-revision=7", does: "unless somebody changed it since" },
  ],
  load: () => import("../resources/run-set.ts"),
};

const rmCommand: CommandData = {
  name: "rm",
  summary: "Remove a resource",
  description:
    "One that holds others is removed with --recursive, or where its kind says so, as file systems and bundles do. What its driver must undo first is waited for in status Destroying.",
  words: ADDRESS_WORD,
  flags: [
    { name: "recursive", kind: "switch", summary: "With all that is in it" },
    REVISION_FLAG,
    ...WRITE_FLAGS,
    ...SERVER_FLAGS,
  ],
  examples: [
    { words: "rm demo.test:files:/a.txt", does: "a file" },
    { words: "rm demo.test --recursive", does: "a space with everything in it" },
  ],
  load: () => import("../resources/run-rm.ts"),
};

/** Commands about resources. */
export const RESOURCE_COMMANDS: readonly CommandData[] = [createCommand, lsCommand, getCommand, setCommand, rmCommand];
