import { COMMON_FLAGS, type CommandData } from "../command.ts";
import { PASSWORD_FLAG } from "../login/password-flag.ts";
import { ENV_FLAG } from "./resource-flags.ts";

/** Commands by which strangers come in. */
export const SIGNUP_COMMANDS: readonly CommandData[] = [
  {
    name: "signup",
    summary: "Sign up for a space of your own",
    description:
      "Has a code mailed, takes it back, makes the space with your account in it, and its bill; then you are logged in. It goes on as far as it can: the same again goes on from there, also after it was cut off. Nothing is served before it is paid, and nothing is left of what is not.",
    words: { usage: "EMAIL", summary: "Where the code, bills and notices go", min: 1, max: 1 },
    flags: [
      { name: "code", kind: "value", placeholder: "CODE", summary: "As the letter says; else it is asked for" },
      {
        name: "space",
        kind: "value",
        placeholder: "SPACE",
        summary: "Its name, which is its host too, such as demo.test",
      },
      { name: "user", kind: "value", placeholder: "NAME", summary: "Of your account; what is before the @ by default" },
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
      { name: "insecure", kind: "switch", summary: "Also without TLS, to another machine" },
      ENV_FLAG,
      { name: "timeout", kind: "value", placeholder: "TIME", default: "10s", summary: "Longest wait for an answer" },
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
];
