import type { CommandData } from "../command.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

const NONE = { usage: "", summary: "", min: 0, max: 0 } as const;

/** Commands of whoever runs a platform for others. */
export const ADMIN_COMMANDS: readonly CommandData[] = [
  {
    name: "admin e2e",
    summary: "Live through a platform as two new tenants do, and say whether all of it works",
    description:
      "Two tenants sign up, with the codes of their letters; the first runs an app, calls it by the command and by HTTP on the host of its space, updates it while it is called, and ends it; the second must neither see nor call it. Each step is told with its time. Nothing is left of it, also where it fails. Operators alone may: they invite the two and say that their first invoice is paid. Exit code 1 where a step fails.",
    words: NONE,
    flags: [
      {
        name: "mailbox",
        kind: "value",
        placeholder: "DIR",
        summary: "Folder in which the platform's letters arrive; that of an orrery up of this machine by default",
      },
      {
        name: "email",
        kind: "value",
        placeholder: "ADDRESS",
        default: "e2e@example.com",
        summary: "Whose letters arrive there; each tenant has +NAME before the @",
      },
      {
        name: "domain",
        kind: "value",
        placeholder: "DOMAIN",
        default: "test",
        summary: "Under which the two spaces lie",
      },
      { name: "plan", kind: "value", placeholder: "PLAN", summary: "What they sign up for; the first by default" },
      { name: "http", kind: "value", placeholder: "URL", summary: "Where users come in, if it is not known" },
      {
        name: "web",
        kind: "value",
        placeholder: "URL",
        summary:
          "Where hosts of spaces are served; the hosts themselves by default, where it is no orrery up of this machine",
      },
      { name: "insecure", kind: "switch", summary: "Sign up without TLS, also on another machine" },
      ...SERVER_FLAGS,
    ],
    examples: [
      { words: "admin e2e", does: "the platform of this machine" },
      {
        words: "admin e2e --env=prod --mailbox=/var/mail/e2e/new --email=e2e@example.com --domain=apps.example.com",
        does: "another one, whose letters are delivered to a Maildir here",
      },
    ],
    load: () => import("../e2e/run-e2e.ts"),
  },
];
