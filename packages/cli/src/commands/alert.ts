import type { CommandData } from "../command.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

const NAME = { usage: "NAME", summary: "As it was added", min: 1, max: 1 } as const;

/** Commands about who is alerted when something goes wrong. */
export const ALERT_COMMANDS: readonly CommandData[] = [
  {
    name: "alert add",
    summary: "Alert a web server when something goes wrong",
    description:
      "By a POST of JSON, signed as Standard Webhooks have it, when something begins to be wrong and when it is over: code of apps (panic), letters (mail), the disk, a backup, the provider of payments (payment), the record of acts (audit), and orrery admin e2e --report (e2e). What is not taken is sent again up to eight times, ever more seldom, and then it is dead. Prints the secret. Operators alone may.",
    words: { usage: "NAME URL", summary: "The URL is http or https", min: 2, max: 2 },
    flags: [
      { name: "kind", kind: "values", placeholder: "KIND", summary: "Only these; may be repeated, all by default" },
      ...SERVER_FLAGS,
    ],
    examples: [
      { words: "alert add pager https://pager.example/hook", does: "of everything" },
      { words: "alert add money https://pager.example/money --kind=payment", does: "of payments alone" },
    ],
    load: () => import("../alert/alert-command.ts").then(({ handlers }) => ({ run: handlers.add })),
  },
  {
    name: "alert ls",
    aliases: ["alert list"],
    summary: "List who is alerted, how deliveries went, and what is wrong now",
    description: "Dead deliveries are those that were given up. Operators alone may.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...SERVER_FLAGS],
    examples: [{ words: "alert ls", does: "all of it" }],
    load: () => import("../alert/alert-command.ts").then(({ handlers }) => ({ run: handlers.list })),
  },
  {
    name: "alert rm",
    summary: "Alert a web server no more",
    description: "What waits for it goes too. Operators alone may.",
    words: NAME,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "alert rm pager", does: "from now on" }],
    load: () => import("../alert/alert-command.ts").then(({ handlers }) => ({ run: handlers.remove })),
  },
  {
    name: "alert test",
    summary: "Send one at once, and say whether it was taken",
    description: "It says that it is a test. Operators alone may.",
    words: NAME,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "alert test pager", does: "1 where it was not taken" }],
    load: () => import("../alert/alert-command.ts").then(({ handlers }) => ({ run: handlers.test })),
  },
];
