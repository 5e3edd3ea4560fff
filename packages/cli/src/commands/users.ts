import type { CommandData, FlagData } from "../command.ts";
import { PASSWORD_FLAG } from "../login/password-flag.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

const USER = { usage: "USER", summary: "As in demo.test:users:ann", min: 1, max: 1 } as const;
const OF_USER: FlagData = { name: "user", kind: "value", placeholder: "USER", summary: "Whose; yours by default" };
const TOKEN = { usage: "NAME", summary: "Small letters, digits and -, such as ci", min: 1, max: 1 } as const;

/** Commands about users, and the tokens by which programs act for them. */
export const USER_COMMANDS: readonly CommandData[] = [
  {
    name: "user add",
    summary: "Add a user",
    description:
      "The list of users is made where it is missing. Prints a secret that is good for one login, unless a password is given, or none is wanted.",
    words: USER,
    flags: [
      PASSWORD_FLAG,
      { name: "no-password", kind: "switch", summary: "Who cannot log in until one is set" },
      ...SERVER_FLAGS,
    ],
    examples: [
      { words: "user add demo.test:users:ann", does: "and print the secret of the first login" },
      { words: "user add demo.test:users:ann --password-file=- < secret", does: "with a password" },
    ],
    load: () => import("../users/run-user-add.ts"),
  },
  {
    name: "user ls",
    aliases: ["user list"],
    summary: "List users",
    description: "Those that you may see, of everything or of what lies in one resource.",
    words: { usage: "[ADDRESS]", summary: "Where to look; everywhere by default", min: 0, max: 1 },
    flags: [...SERVER_FLAGS],
    examples: [{ words: "user ls demo.test", does: "of one space" }],
    load: () => import("../users/run-user-ls.ts"),
  },
  {
    name: "user password",
    summary: "Set the password of a user",
    description:
      "Ends all sessions of the user. Whoever sets his own shows the one before, and is logged in anew; who may write the user sets it without.",
    words: { usage: "[USER]", summary: "You by default", min: 0, max: 1 },
    flags: [
      PASSWORD_FLAG,
      { name: "old-password-file", kind: "value", placeholder: "FILE", summary: "The same, of the password before" },
      { name: "secret", kind: "switch", summary: "Make a secret that is good for one login instead, and print it" },
      ...SERVER_FLAGS,
    ],
    examples: [
      { words: "user password", does: "your own, which is asked for" },
      { words: "user password demo.test:users:ann --secret", does: "for somebody who has forgotten his" },
    ],
    load: () => import("../users/run-user-password.ts"),
  },
  {
    name: "user rm",
    aliases: ["user remove"],
    summary: "Remove a user, with sessions and tokens",
    description: "Who owns something is not removed: give it away first, by orrery chown.",
    words: USER,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "user rm demo.test:users:ann", does: "who is out with the next message" }],
    load: () => import("../users/run-user-rm.ts"),
  },
  {
    name: "token add",
    summary: "Make a token by which a program acts for a user",
    description:
      "It may do what the user may and a scope lets. Programs have it in ORRERY_TOKEN, or send it as a bearer.",
    words: TOKEN,
    flags: [
      {
        name: "scope",
        kind: "values",
        placeholder: "VERBS on SELECTOR",
        summary: "Of what it may: some of csdrwx, and where; may be repeated",
      },
      {
        name: "ttl",
        kind: "value",
        placeholder: "TIME",
        summary: "How long, such as 12h or 30d; until it is revoked by default",
      },
      OF_USER,
      ...SERVER_FLAGS,
    ],
    examples: [
      { words: "token add ci --scope='r on demo.test:files:**' --ttl=30d", does: "to read files for a month" },
    ],
    load: () => import("../users/run-token-add.ts"),
  },
  {
    name: "token ls",
    aliases: ["token list"],
    summary: "List the tokens of a user",
    description: "With their scopes, until when they are good, and when they were used last, to the hour.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [OF_USER, ...SERVER_FLAGS],
    examples: [{ words: "token ls", does: "yours" }],
    load: () => import("../users/run-token-ls.ts"),
  },
  {
    name: "token revoke",
    aliases: ["token rm", "token remove"],
    summary: "End a token",
    description: "It is refused from the next message on.",
    words: TOKEN,
    flags: [OF_USER, ...SERVER_FLAGS],
    examples: [{ words: "token revoke ci", does: "at once" }],
    load: () => import("../users/run-token-revoke.ts"),
  },
];
