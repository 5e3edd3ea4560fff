import { COMMON_FLAGS, type CommandData, type FlagData } from "../command.ts";
import { PASSWORD_FLAG } from "../login/password-flag.ts";
import { ENV_FLAG, SERVER_FLAGS, SPACE_FLAGS } from "./resource-flags.ts";

const EMAIL = { usage: "EMAIL", summary: "Whom", min: 1, max: 1 } as const;
const CODE: FlagData = {
  name: "code",
  kind: "value",
  placeholder: "CODE",
  summary: "As the letter says; else it is asked for",
};
const USER: FlagData = {
  name: "user",
  kind: "value",
  placeholder: "NAME",
  summary: "Of your account; what is before the @ by default",
};
const INSECURE: FlagData = { name: "insecure", kind: "switch", summary: "Also without TLS, to another machine" };
const TIMEOUT: FlagData = {
  name: "timeout",
  kind: "value",
  placeholder: "TIME",
  default: "10s",
  summary: "Longest wait for an answer",
};
const OWN: FlagData = { name: "own", kind: "switch", summary: "To spaces of people's own; for operators" };

/** Commands by which strangers come in. */
export const SIGNUP_COMMANDS: readonly CommandData[] = [
  {
    name: "signup",
    summary: "Sign up for a space of your own",
    description:
      "Has a code mailed, takes it back, makes the space with your account in it, and its bill; then you are logged in. It goes on as far as it can: the same again goes on from there, also after it was cut off. Nothing is served before it is paid, and nothing is left of what is not.",
    words: { usage: "EMAIL", summary: "Where the code, bills and notices go", min: 1, max: 1 },
    flags: [
      CODE,
      {
        name: "space",
        kind: "value",
        placeholder: "SPACE",
        summary: "Its name, which is its host too, such as demo.test",
      },
      USER,
      {
        name: "plan",
        kind: "value",
        placeholder: "PLAN",
        summary: "As orrery billing plans shows it; the first by default",
      },
      PASSWORD_FLAG,
      {
        name: "return-to",
        kind: "value",
        placeholder: "URL",
        default: "https://localhost/",
        summary: "Where the page leads on which a way to pay is named",
      },
      { name: "abandon", kind: "switch", summary: "Undo it, unless it is paid already" },
      INSECURE,
      ENV_FLAG,
      TIMEOUT,
      ...COMMON_FLAGS,
    ],
    examples: [
      { words: "signup ann@example.com --space=ann.test", does: "asks for the code and a password" },
      {
        words: "signup ann@example.com --code=k7m2-x9pq --space=ann.test --password-file=- < secret",
        does: "in a script",
      },
      { words: "signup ann@example.com --abandon", does: "nothing is left of it" },
    ],
    load: () => import("../signup/run-signup.ts"),
  },
  {
    name: "join",
    summary: "Come into a space to which you are invited",
    description:
      "Has a code mailed to the address that was invited, takes it back, and makes your account in the space; then you are logged in. The same again goes on where it stood.",
    words: { usage: "SPACE EMAIL", summary: "As the letter says", min: 2, max: 2 },
    flags: [CODE, USER, PASSWORD_FLAG, INSECURE, ENV_FLAG, TIMEOUT, ...COMMON_FLAGS],
    examples: [{ words: "join demo.test bob@example.com", does: "asks for the code and a password" }],
    load: () => import("../signup/run-signup.ts").then(({ join }) => ({ run: join })),
  },
  {
    name: "leave",
    summary: "Leave a space: your account goes, with its sessions and tokens",
    description: "Who owns anything gives it away first, see orrery chown.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...SERVER_FLAGS],
    examples: [{ words: "leave", does: "as who is logged in" }],
    load: () => import("../members/members-command.ts").then(({ handlers }) => ({ run: handlers.leave })),
  },
  {
    name: "invite add",
    summary: "Invite somebody to a space",
    description:
      "By a letter, which is good for two weeks; he comes by orrery join. Who joined sees the space and its apps, by the role SPACE:members: what is granted to that he may. orrery user rm removes him.",
    words: EMAIL,
    flags: [OWN, ...SPACE_FLAGS],
    examples: [
      { words: "invite bob@example.com --space=demo.test", does: "to one space" },
      { words: "invite bob@example.com --own", does: "to sign up for one of his own" },
    ],
    load: () => import("../members/members-command.ts").then(({ handlers }) => ({ run: handlers.invite })),
  },
  {
    name: "invite ls",
    aliases: ["invite list"],
    summary: "List invites that are open",
    description: "Of a space, or with --own of those who may sign up.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [OWN, ...SPACE_FLAGS],
    examples: [{ words: "invite ls --space=demo.test", does: "who may come" }],
    load: () => import("../members/members-command.ts").then(({ handlers }) => ({ run: handlers.list })),
  },
  {
    name: "invite revoke",
    summary: "Take an invite back",
    description: "Who came already stays: orrery user rm removes him.",
    words: EMAIL,
    flags: [OWN, ...SPACE_FLAGS],
    examples: [{ words: "invite revoke bob@example.com --space=demo.test", does: "he may not come" }],
    load: () => import("../members/members-command.ts").then(({ handlers }) => ({ run: handlers.revoke })),
  },
];
