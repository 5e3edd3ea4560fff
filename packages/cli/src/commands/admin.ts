import type { CommandData, FlagData } from "../command.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

const NONE = { usage: "", summary: "", min: 0, max: 0 } as const;

const SINCE: FlagData = {
  name: "since",
  kind: "value",
  placeholder: "TIME",
  summary: "Only since: 10m ago, or 2026-11-22T10:00:00Z",
};

/** Lists that operators look at, besides what happened. */
const LISTS: readonly CommandData[] = [
  {
    name: "admin customers",
    summary: "List who pays, and for which spaces",
    description: "By mail address. Operators alone may.",
    words: NONE,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "admin customers", does: "everybody who has a bill" }],
    load: () => import("../admin/run-admin-customers.ts"),
  },
  {
    name: "admin spaces",
    summary: "List all spaces, whose they are, and which are not served",
    description: "Those that you may see; operators see all.",
    words: NONE,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "admin spaces", does: "all of them" }],
    load: () => import("../admin/run-admin-spaces.ts"),
  },
  {
    name: "admin subscriptions",
    summary: "List the bills of all spaces",
    description: "The same as orrery billing ls. Operators alone may.",
    words: NONE,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "admin subscriptions --output=json", does: "for a program" }],
    load: () => import("../billing/run-billing-ls.ts"),
  },
  {
    name: "admin usage",
    summary: "Show what all spaces used",
    description: "The same as orrery usage without an address. Operators alone may.",
    words: NONE,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "admin usage", does: "a row for each space" }],
    load: () => import("../usage/run-usage.ts"),
  },
  {
    name: "admin invites",
    summary: "List who is invited to sign up",
    description: "The same as orrery invite ls --own. Operators alone may.",
    words: NONE,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "admin invites", does: "who has not come yet" }],
    load: () => import("../members/members-command.ts").then(({ handlers }) => ({ run: handlers.listOwn })),
  },
];

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
      {
        name: "report",
        kind: "switch",
        summary: "Tell the platform how it went: a failure alerts, and is on its status page",
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
  {
    name: "admin audit",
    summary: "Show what administrators did",
    description:
      "Who, when, what, about what, and what became of it: acts about users, tokens, bills, invites, keys and backups, whoever does them; and what operators do to spaces that are not their own. Each entry has the hash of the one before in its own: --check reads all of them and ends with 1 where one was changed or taken out. Operators alone may.",
    words: NONE,
    flags: [
      SINCE,
      { name: "actor", kind: "value", placeholder: "AGENT", summary: "Only what this one did" },
      {
        name: "limit",
        kind: "value",
        placeholder: "N",
        summary: "The newest so many; 100 by default, with --since all",
      },
      { name: "check", kind: "switch", summary: "Hold each entry to its hash instead, and print the last hash" },
      ...SERVER_FLAGS,
    ],
    examples: [
      { words: "admin audit --since=24h", does: "of a day" },
      { words: "admin audit --actor=orrery:users:admin --output=json", does: "of one administrator" },
      { words: "admin audit --check", does: "whether it is whole" },
    ],
    load: () => import("../admin/run-admin-audit.ts"),
  },
  {
    name: "admin rotate-key",
    summary: "Sign access tokens by a new key",
    description:
      "What the key before signed is good until it ends, ten minutes at most, so that nobody notices; until then there is no third key. With --now all that was signed before is refused at once: for a key that somebody else may have seen. Sessions go on either way, and tokens for programs too: who is logged in gets a new access token by itself. Operators alone may.",
    words: NONE,
    flags: [{ name: "now", kind: "switch", summary: "Refuse at once what was signed before" }, ...SERVER_FLAGS],
    examples: [
      { words: "admin rotate-key", does: "unnoticed, as once in a while" },
      { words: "admin rotate-key --now --env=prod", does: "after a copy of access.key was lost" },
    ],
    load: () => import("../admin/run-admin-rotate-key.ts"),
  },
  ...LISTS,
];
