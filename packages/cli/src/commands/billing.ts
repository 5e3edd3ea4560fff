import type { CommandData, FlagData } from "../command.ts";
import { SERVER_FLAGS, SPACE_FLAGS } from "./resource-flags.ts";

const NONE = { usage: "", summary: "", min: 0, max: 0 } as const;
const LIMIT: FlagData = {
  name: "limit",
  kind: "value",
  placeholder: "N",
  default: "20",
  summary: "The most that are shown",
};

/** Commands about the bills of spaces. */
export const BILLING_COMMANDS: readonly CommandData[] = [
  {
    name: "billing plans",
    summary: "Show the plans that there are",
    description: "What a month costs, what it pays for, and what each further seat and service costs.",
    words: NONE,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "billing plans", does: "what may be chosen" }],
    load: () => import("../billing/run-billing-plans.ts"),
  },
  {
    name: "billing subscribe",
    summary: "Begin to pay for a space",
    description:
      "Makes the space's bill and charges its first month; the same again changes nothing. A space to which nobody subscribed has no bill.",
    words: { usage: "EMAIL [PLAN]", summary: "Where bills and notices go; the first plan by default", min: 1, max: 2 },
    flags: [...SPACE_FLAGS],
    examples: [{ words: "billing subscribe ann@example.com --space=demo.test", does: "with the usual plan" }],
    load: () => import("../billing/run-billing-subscribe.ts"),
  },
  {
    name: "billing get",
    summary: "Show how a space stands with its bill",
    description: "Its plan, the month that runs, what is open, and what the month would cost on top if it ended now.",
    words: NONE,
    flags: [...SPACE_FLAGS],
    examples: [{ words: "billing get --space=demo.test", does: "how it stands" }],
    load: () => import("../billing/run-billing-get.ts"),
  },
  {
    name: "billing invoices",
    summary: "List the invoices of a space",
    description: "The newest first, each with its lines.",
    words: NONE,
    flags: [LIMIT, ...SPACE_FLAGS],
    examples: [{ words: "billing invoices --space=demo.test", does: "the last 20" }],
    load: () => import("../billing/run-billing-invoices.ts"),
  },
  {
    name: "billing pay",
    summary: "Charge what is open, now",
    description: "Such as after another way to pay was named. What was suspended is served again once it is paid.",
    words: NONE,
    flags: [...SPACE_FLAGS],
    examples: [{ words: "billing pay --space=demo.test", does: "without waiting for the next try" }],
    load: () => import("../billing/run-billing-pay.ts"),
  },
  {
    name: "billing method",
    summary: "Show where a way to pay is named",
    description: "A page of whoever takes the payments; the platform never sees a card.",
    words: NONE,
    flags: [
      {
        name: "return-to",
        kind: "value",
        placeholder: "URL",
        default: "https://localhost/",
        summary: "Where the page leads afterwards",
      },
      ...SPACE_FLAGS,
    ],
    examples: [{ words: "billing method --space=demo.test", does: "the address of the page" }],
    load: () => import("../billing/run-billing-method.ts"),
  },
  {
    name: "billing choose",
    summary: "Have another plan from the next month on",
    description: "The month that runs stays as it is paid.",
    words: { usage: "PLAN", summary: "As orrery billing plans shows it", min: 1, max: 1 },
    flags: [...SPACE_FLAGS],
    examples: [{ words: "billing choose team --space=demo.test", does: "from the next month on" }],
    load: () => import("../billing/run-billing-choose.ts"),
  },
  {
    name: "billing cancel",
    summary: "End a space's subscription",
    description:
      "With the month that is paid, or now; then what is paid and not used goes back. Afterwards nothing is served, and the content is kept for as long as the plan says. Export it first: orrery backup.",
    words: NONE,
    flags: [{ name: "now", kind: "switch", summary: "End it now instead of with the month" }, ...SPACE_FLAGS],
    examples: [
      { words: "billing cancel --space=demo.test", does: "with the month" },
      { words: "billing cancel --now --space=demo.test", does: "at once" },
    ],
    load: () => import("../billing/run-billing-cancel.ts"),
  },
  {
    name: "billing continue",
    summary: "Take back that a subscription ends with the month",
    description: "Harmless where it does not end.",
    words: NONE,
    flags: [...SPACE_FLAGS],
    examples: [{ words: "billing continue --space=demo.test", does: "as if nothing was said" }],
    load: () => import("../billing/run-billing-continue.ts"),
  },
  {
    name: "billing refusals",
    summary: "Show what the limits of a space's plan refused",
    description:
      "Of the last 30 days, the last first: which limit, how often on that day, and what the last one was told. A larger plan has more, see orrery billing plans.",
    words: NONE,
    flags: [{ name: "all", kind: "switch", summary: "Of all spaces, for operators" }, ...SPACE_FLAGS],
    examples: [
      { words: "billing refusals --space=demo.test", does: "of one space" },
      { words: "billing refusals --all", does: "who needs a larger plan" },
    ],
    load: () => import("../billing/run-billing-refusals.ts"),
  },
  {
    name: "billing ls",
    summary: "List the bills of all spaces",
    description: "For operators.",
    words: NONE,
    flags: [...SERVER_FLAGS],
    examples: [{ words: "billing ls", does: "who stands how" }],
    load: () => import("../billing/run-billing-ls.ts"),
  },
  {
    name: "billing mark-paid",
    summary: "Say that an invoice was paid by other means",
    description: "Such as by bank. For operators.",
    words: { usage: "INVOICE", summary: "Such as demo.test/3", min: 1, max: 1 },
    flags: [...SERVER_FLAGS],
    examples: [{ words: "billing mark-paid demo.test/3", does: "the money is there" }],
    load: () => import("../billing/run-billing-mark-paid.ts"),
  },
];
