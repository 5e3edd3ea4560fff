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
  aliases: ["select"],
  summary: "List resources",
  description:
    "An address means what is in it; with :** behind it, the resource itself and everything below. * stands for any one step, and <Kind> leaves only that kind. Prints a line ADDRESS<Kind> for each that you may see.",
  words: { usage: "[ADDRESS-or-SELECTOR]", summary: "All spaces by default", min: 0, max: 1 },
  flags: [{ name: "long", kind: "switch", summary: "A table with status, owner and revision" }, ...SERVER_FLAGS],
  examples: [
    { words: "ls", does: "all spaces" },
    { words: "ls demo.test", does: "what is in one" },
    { words: "ls 'demo.test:**'", does: "one with all that is in it, at any depth" },
    { words: "ls 'demo.test:**<File>' --long", does: "every file in it, at any depth" },
  ],
  load: () => import("../resources/run-ls.ts"),
};

const getCommand: CommandData = {
  name: "get",
  summary: "Show a resource, or some of it",
  description:
    "Names in braces give the values alone: those of properties, else of kind, owner, status, reason, revision, created, content and watchers: how many watch it now, over this server, without what the platform looks at by itself. Secrets are hidden.",
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
  aliases: ["delete"],
  summary: "Remove a resource",
  description:
    "One that holds others is removed with --recursive, or where its kind says so, as file systems and bundles do. Where its driver must undo something first, it is not gone yet: it says who is waited for, as status does until then.",
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

const watchCommand: CommandData = {
  name: "watch",
  summary: "Watch a resource, or what comes into it and goes",
  description:
    "On a terminal it draws a line for each resource, anew with each change; q ends it. Elsewhere it tells every change once and in order, as lines of JSON. Of a Broadcast it shows the messages that are sent, unless --after is given. When the server goes away it waits, and goes on from where it was. Ends with what is watched, or after --count changes.",
  words: ADDRESS_WORD,
  flags: [
    { name: "children", kind: "switch", summary: "What is added to it and removed from it" },
    { name: "deep", kind: "switch", summary: "The same at any depth" },
    {
      name: "after",
      kind: "value",
      placeholder: "REVISION",
      summary: "Changes after this one; from now on by default",
    },
    { name: "count", kind: "value", placeholder: "N", summary: "End after so many changes" },
    {
      name: "wait",
      kind: "value",
      placeholder: "TIME",
      default: "1m",
      summary: "How long to wait for a server that went away",
    },
    ...SERVER_FLAGS,
  ],
  examples: [
    { words: "watch demo.test", does: "until Ctrl-C" },
    { words: "watch demo.test:files --children --count=2", does: "two that come or go" },
    { words: "watch demo.test --after=7 --output=json", does: "from a revision on" },
  ],
  load: () => import("../resources/run-watch.ts"),
};

const lockCommand: CommandData = {
  name: "lock",
  summary: "Let nobody else write a resource for a while",
  description:
    "Prints the token to write with. The lock ends by itself; locking again with its token makes it last anew. Each lock has a greater fence than those before, by which others can tell a late writer.",
  words: ADDRESS_WORD,
  flags: [
    {
      name: "ttl",
      kind: "value",
      placeholder: "TIME",
      default: "30s",
      summary: "How long it lasts, from 100ms to 24h",
    },
    { name: "token", kind: "value", placeholder: "TOKEN", summary: "Of the lock that is to last anew" },
    ...SERVER_FLAGS,
  ],
  examples: [
    { words: "lock demo.test:files --ttl=2s", does: "print a token" },
    { words: "set demo.test:files --set title=Mine --token=TOKEN", does: "write under it" },
  ],
  load: () => import("../resources/run-lock.ts"),
};

const unlockCommand: CommandData = {
  name: "unlock",
  summary: "End a lock",
  description: "With its token; the owner of the resource and operators need none with --force.",
  words: ADDRESS_WORD,
  flags: [
    { name: "token", kind: "value", placeholder: "TOKEN", summary: "As orrery lock gave it" },
    { name: "force", kind: "switch", summary: "Without the token" },
    ...SERVER_FLAGS,
  ],
  examples: [{ words: "unlock demo.test:files --token=TOKEN", does: "give it back" }],
  load: () => import("../resources/run-unlock.ts"),
};

const statusCommand: CommandData = {
  name: "status",
  summary: "Show how a resource is, and why",
  description:
    "Its state, the reason for it, and who must do something before it can go. Of an App also what runs of its components, how often they were started again and how the last one ended, its mechtrons, what it answers to, and what it waits for. Without an address: all apps that you may see.",
  words: { usage: "[ADDRESS]", summary: "All apps by default", min: 0, max: 1 },
  flags: [
    { name: "space", kind: "value", placeholder: "ADDRESS", summary: "All apps of this space alone" },
    ...SERVER_FLAGS,
  ],
  examples: [
    { words: "status", does: "all apps" },
    { words: "status --space=demo.test", does: "those of one space" },
    { words: "status demo.test", does: "such as Ready" },
    { words: "status demo.test:welcome", does: "an app, with all that runs of it" },
  ],
  load: () => import("../resources/run-status.ts"),
};

const sendCommand: CommandData = {
  name: "send",
  summary: "Send a message to what drives a resource",
  description:
    "Calls a method of the component that the resource's kind names, with the address beside what the message says. It may run beside the registry or in this project. Kinds without one are refused. A Broadcast takes any METHOD and any message: what does not read as JSON is text.",
  words: { usage: "ADDRESS METHOD [MESSAGE]", summary: "JSON; nothing by default", min: 2, max: 3 },
  flags: [...SERVER_FLAGS],
  examples: [
    { words: `send demo.test:db sql '{"text":"select 1"}'`, does: "print the reply" },
    { words: "send demo.test:news Say hi", does: "to all who watch a Broadcast" },
  ],
  load: () => import("../resources/run-send.ts"),
};

const DRY_FLAG = {
  name: "dry-run",
  kind: "switch",
  summary: "Read all of it and look whether it can be meant; change nothing",
} as const;

const execCommand: CommandData = {
  name: "exec",
  summary: "Run one line of a script",
  description: "As orrery script, for a line that is handed on as one word.",
  words: { usage: "LINE", summary: "One or more commands with ; between them", min: 1, max: 1 },
  flags: [DRY_FLAG, ...SERVER_FLAGS],
  examples: [{ words: `exec 'create demo.test<Space> --ensure; get demo.test{ title }'`, does: "two commands" }],
  load: () => import("../resources/run-exec.ts"),
};

const scriptCommand: CommandData = {
  name: "script",
  summary: "Run a file of commands about resources",
  description:
    "A command stands on a line, or ends at ;. Quotes and braces hold words together, # begins a comment. All of it is read before any of it is done; it stops at the first that fails, and says where. The whole script asks one server.",
  words: { usage: "FILE", summary: "Or - for standard input", min: 1, max: 1 },
  flags: [DRY_FLAG, ...SERVER_FLAGS],
  examples: [
    { words: "script site.orrery", does: "run it" },
    { words: "script - --dry-run", does: "only look at what standard input has" },
  ],
  load: () => import("../resources/run-script.ts"),
};

const TOKEN_FLAG = WRITE_FLAGS.filter(({ name }) => name === "token");

const cpCommand: CommandData = {
  name: "cp",
  summary: "Copy a file into a file system, or out of it",
  description:
    "One side is a file here, the other an address. Files of any size go in pieces, and on from where they were when the connection breaks; what is there is replaced when all of it has come. Directories on the way are made.",
  words: {
    usage: "FROM TO",
    summary: "A file and an address, or an address and a file or folder; - is a pipe",
    min: 2,
    max: 2,
  },
  flags: [
    { name: "type", kind: "value", placeholder: "TYPE", summary: "Media type; what the name says by default" },
    ...TOKEN_FLAG,
    ...SERVER_FLAGS,
  ],
  examples: [
    { words: "cp a.txt demo.test:files:/docs/a.txt", does: "into it" },
    { words: "cp demo.test:files:/docs/a.txt .", does: "out of it" },
    { words: "cp demo.test:files:/docs/a.txt -", does: "to standard output" },
  ],
  load: () => import("../resources/run-cp.ts"),
};

const publishCommand: CommandData = {
  name: "publish",
  summary: "Publish a folder as a version of a bundle",
  description:
    "The series is made where it is missing. The same content again changes nothing, other content is refused: a version never changes. It is signed by your key, which is made where there is none. A bundle.yaml in the folder says name, description, image, authors and keywords.",
  words: { usage: "DIR ADDRESS:VERSION", summary: "As in ./site demo.test:site:1.0.0", min: 2, max: 2 },
  flags: [
    {
      name: "publisher-key",
      kind: "value",
      placeholder: "FILE",
      default: "~/.orrery/publisher.key",
      summary: "Key that signs it",
    },
    ...SERVER_FLAGS,
  ],
  examples: [{ words: "publish ./site demo.test:site:1.0.0", does: "its first version" }],
  load: () => import("../resources/run-publish.ts"),
};

const tagCommand: CommandData = {
  name: "tag",
  summary: "Let a name stand for one version of a bundle",
  description:
    "A tag can be moved from one version to another at once; SERIES:[TAG] is it as an address. --at shows what it named, since when and by whom.",
  words: { usage: "SERIES TAG [VERSION]", summary: "As in demo.test:site latest 1.1.0", min: 2, max: 3 },
  flags: [{ name: "at", kind: "switch", summary: "Show its history" }, ...SERVER_FLAGS],
  examples: [
    { words: "tag demo.test:site latest 1.1.0", does: "move it" },
    { words: "tag demo.test:site latest --at", does: "where it has been" },
  ],
  load: () => import("../resources/run-tag.ts"),
};

/** Commands about resources. */
export const RESOURCE_COMMANDS: readonly CommandData[] = [
  createCommand,
  lsCommand,
  getCommand,
  setCommand,
  rmCommand,
  cpCommand,
  publishCommand,
  tagCommand,
  watchCommand,
  lockCommand,
  unlockCommand,
  statusCommand,
  sendCommand,
  execCommand,
  scriptCommand,
];
