import { COMMON_FLAGS, type CommandData, type FlagData } from "../command.ts";
import { PASSWORD_FLAG } from "../login/password-flag.ts";
import { ENV_FLAG } from "./resource-flags.ts";

const NAME = { usage: "NAME", summary: "Of the environment", min: 1, max: 1 } as const;
const TIMEOUT: FlagData = {
  name: "timeout",
  kind: "value",
  placeholder: "TIME",
  default: "10s",
  summary: "Longest wait for an answer",
};

/** Commands about the platforms that somebody works with, and who he is there. */
export const LOGIN_COMMANDS: readonly CommandData[] = [
  {
    name: "env ls",
    aliases: ["env list"],
    summary: "List environments, and who is logged in",
    description: "A star marks the one in use. `local` is always there: where orrery up is on this machine.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...COMMON_FLAGS],
    examples: [{ words: "env ls", does: "all of them" }],
    load: () => import("../environments/run-env-ls.ts"),
  },
  {
    name: "env add",
    summary: "Name a platform",
    description:
      "By the URL of its HTTP port, to which users log in; by the data folder of an orrery up on this machine, or the address of its node.",
    words: { usage: "NAME PLACE", summary: "Such as prod https://orrery.test, or lab ./data", min: 2, max: 2 },
    flags: [
      { name: "space", kind: "value", placeholder: "SPACE", summary: "Of commands that name none" },
      { name: "use", kind: "switch", summary: "And use it from now on" },
      ...COMMON_FLAGS,
    ],
    examples: [
      { words: "env add prod https://orrery.test --space=demo.test --use", does: "a platform elsewhere" },
      { words: "env add lab .orrery/data", does: "one on this machine, by its folder" },
    ],
    load: () => import("../environments/env-commands.ts").then(({ add }) => ({ run: add })),
  },
  {
    name: "env use",
    summary: "Use an environment from now on",
    description: "For one command: --env=NAME; for a shell: ORRERY_ENV.",
    words: NAME,
    flags: [...COMMON_FLAGS],
    examples: [{ words: "env use prod", does: "commands are about it" }],
    load: () => import("../environments/env-commands.ts").then(({ use }) => ({ run: use })),
  },
  {
    name: "env rm",
    aliases: ["env remove"],
    summary: "Forget an environment, and its tokens here",
    description: "The platform is not touched.",
    words: NAME,
    flags: [...COMMON_FLAGS],
    examples: [{ words: "env rm prod", does: "forget it" }],
    load: () => import("../environments/env-commands.ts").then(({ remove }) => ({ run: remove })),
  },
  {
    name: "login",
    summary: "Log in to an environment",
    description:
      "The password is asked for, or read from a file, and never stands among the words. The tokens are in a file of yours alone; commands renew them by themselves.",
    words: {
      usage: "[USER]",
      summary: "As in demo.test:users:ann; who was logged in before by default",
      min: 0,
      max: 2,
    },
    flags: [
      PASSWORD_FLAG,
      { name: "oidc", kind: "switch", summary: "By the platform's issuer of OpenID Connect, in a browser" },
      { name: "no-browser", kind: "switch", summary: "With --oidc: only say which page to open" },
      {
        name: "browser-port",
        kind: "value",
        placeholder: "PORT",
        default: "any",
        summary: "With --oidc: port of this machine to which the browser comes back",
      },
      { name: "insecure", kind: "switch", summary: "Also without TLS, to another machine" },
      ENV_FLAG,
      TIMEOUT,
      ...COMMON_FLAGS,
    ],
    examples: [
      { words: "login demo.test:users:ann", does: "asks for the password" },
      { words: "login --oidc --env=prod", does: "in a browser, where the platform has an issuer" },
      { words: "login demo.test:users ann --env=prod --password-file=- < secret", does: "in a script" },
    ],
    load: () => import("../login/run-login.ts"),
  },
  {
    name: "logout",
    summary: "Log out of an environment",
    description: "The session ends there, and its tokens go here.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [
      { name: "all", kind: "switch", summary: "End every session of the user, on all machines" },
      ENV_FLAG,
      TIMEOUT,
      ...COMMON_FLAGS,
    ],
    examples: [{ words: "logout --env=prod", does: "of one environment" }],
    load: () => import("../login/run-logout.ts"),
  },
];
