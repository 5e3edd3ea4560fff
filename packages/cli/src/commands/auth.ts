import type { CommandData } from "../command.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

const GRANT_WORDS = {
  usage: "VERBS on SELECTOR to AGENT",
  summary: "Some of csdrwx, or names as in read,write; what it is about; an agent, a role, or anyone",
  min: 5,
  max: 5,
} as const;

/** Commands about who may do what. */
export const AUTH_COMMANDS: readonly CommandData[] = [
  {
    name: "whoami",
    summary: "Say as whom the server takes you",
    description: "With --roles also the roles that you have, by each of which you may do what is granted to it.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [{ name: "roles", kind: "switch", summary: "And the roles, a line for each" }, ...SERVER_FLAGS],
    examples: [{ words: "whoami --roles --agent=demo.test:users:ann", does: "name and roles of a user" }],
    load: () => import("../auth/run-whoami.ts"),
  },
  {
    name: "chown",
    summary: "Give resources to another owner",
    description:
      "An owner is a User, an operator, or what one of them owns and acts, such as an app. An address means the resource itself, a selector all that it means. Who owns something, or what it lies in, and operators may. Who owns anything cannot be removed: give away first what it owns.",
    words: {
      usage: "OWNER ADDRESS-or-SELECTOR",
      summary: "To whom, and what; '**' with --from is all that somebody owns",
      min: 2,
      max: 2,
    },
    flags: [{ name: "from", kind: "value", placeholder: "AGENT", summary: "Only what this one owns" }, ...SERVER_FLAGS],
    examples: [
      { words: "chown demo.test:users:ann demo.test:files", does: "one resource" },
      { words: "chown demo.test:users:ann '**' --from=demo.test:users:bob", does: "all that bob owns" },
    ],
    load: () => import("../auth/run-chown.ts"),
  },
  {
    name: "auth can",
    aliases: ["auth explain"],
    summary: "Say whether somebody may do something, and by which rule",
    description:
      "The first rule that allows it decides: operators, owners of the resource or of what it lies in, grants. Ends with exit code 3 where none does. Whoever may read the resource may ask about others.",
    words: {
      usage: "AGENT VERB [ADDRESS]",
      summary: "The verb is create, select, delete, read, write or execute",
      min: 2,
      max: 3,
    },
    flags: [...SERVER_FLAGS],
    examples: [{ words: "auth can ann write demo.test:files", does: "yes or no, and why" }],
    load: () => import("../auth/run-can.ts"),
  },
  {
    name: "auth grant",
    summary: "Let somebody do something",
    description:
      "The grant is a resource in the space that it is about. What the same agent was granted on the same before is added to. Only owners of the space and operators may.",
    words: GRANT_WORDS,
    flags: [...SERVER_FLAGS],
    examples: [
      { words: "auth grant rw on 'demo.test:files:**' to ann", does: "what is in files, at any depth" },
      { words: "auth grant read on demo.test to anyone", does: "by name" },
    ],
    load: () => import("../auth/run-grant.ts"),
  },
  {
    name: "auth revoke",
    summary: "Take back what was granted",
    description: "Takes the verbs from the grant of the same words; one that has none left goes.",
    words: GRANT_WORDS,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "auth revoke w on 'demo.test:files:**' to ann", does: "and leave the rest" }],
    load: () => import("../auth/run-revoke.ts"),
  },
  {
    name: "auth ls",
    summary: "List grants and roles",
    description: "Of everything, or of what lies in one resource.",
    words: { usage: "[ADDRESS]", summary: "Where to look; everywhere by default", min: 0, max: 1 },
    flags: [...SERVER_FLAGS],
    examples: [{ words: "auth ls demo.test", does: "of one space" }],
    load: () => import("../auth/run-ls.ts"),
  },
  {
    name: "auth role",
    summary: "Make a role, and say who has it",
    description:
      "A role is a resource, made where it is missing. What is granted to its address is granted to all who have it.",
    words: { usage: "ADDRESS", summary: "The role, as in demo.test:editors", min: 1, max: 1 },
    flags: [
      { name: "add", kind: "values", placeholder: "AGENT", summary: "Who has it from now on; may be repeated" },
      { name: "drop", kind: "values", placeholder: "AGENT", summary: "Who has it no more; may be repeated" },
      ...SERVER_FLAGS,
    ],
    examples: [{ words: "auth role demo.test:editors --add=ann --add=bob", does: "give it to two" }],
    load: () => import("../auth/run-role.ts"),
  },
];
