import type { CommandData } from "../command.ts";
import { SPACE_FLAGS } from "./resource-flags.ts";

const DOMAIN = { usage: "DOMAIN", summary: "Such as shop.example.com", min: 1, max: 1 } as const;

/** Commands about the domains of a space. */
export const DOMAIN_COMMANDS: readonly CommandData[] = [
  {
    name: "domain add",
    summary: "Have a domain of yours lead to a space",
    description:
      "Prints the TXT record that proves whose it is. Once it is in the DNS, the space answers at the domain, which is to lead to the platform by a record of your own. A domain is of one space at most.",
    words: DOMAIN,
    flags: [...SPACE_FLAGS],
    examples: [{ words: "domain add shop.example.com --space=demo.test", does: "and say which record to set" }],
    load: () => import("../domains/run-domain-add.ts"),
  },
  {
    name: "domain ls",
    aliases: ["domain list"],
    summary: "List the domains of a space",
    description: "With what is missing, where one is not proven yet.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...SPACE_FLAGS],
    examples: [{ words: "domain ls --space=demo.test", does: "of one space" }],
    load: () => import("../domains/run-domain-ls.ts"),
  },
  {
    name: "domain verify",
    summary: "Look for the proof of a domain now",
    description: "The platform looks once a minute by itself. Ends with 1 where the record is not there.",
    words: DOMAIN,
    flags: [...SPACE_FLAGS],
    examples: [{ words: "domain verify shop.example.com --space=demo.test", does: "once the record is set" }],
    load: () => import("../domains/run-domain-verify.ts"),
  },
  {
    name: "domain rm",
    aliases: ["domain remove"],
    summary: "Have a domain lead nowhere",
    description: "It is free then for whoever proves it.",
    words: DOMAIN,
    flags: [...SPACE_FLAGS],
    examples: [{ words: "domain rm shop.example.com --space=demo.test", does: "at once" }],
    load: () => import("../domains/run-domain-rm.ts"),
  },
];
