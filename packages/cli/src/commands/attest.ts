import { COMMON_FLAGS, type CommandData } from "../command.ts";

const FILE = {
  usage: "FILE",
  summary: "JSON of evidence, or of a quote with its evidence; - for standard input",
  min: 1,
  max: 1,
} as const;

/** Commands about evidence: what proves where a pod runs. */
export const ATTEST_COMMANDS: readonly CommandData[] = [
  {
    name: "attest verify",
    summary: "Say whether evidence proves what you expect",
    description:
      "Looks at a file alone and asks nobody: the certificate of the key that signed, its signature, what was measured, the nonce, the age, the pod and its images; of a quote beside it also the signature, the terms, whether it is still good, and its sums. Prints PASS, or FAIL and each check that failed with why, and ends with 1. What you expect and do not say is taken from the file, and told.",
    words: FILE,
    flags: [
      {
        name: "policy",
        kind: "value",
        placeholder: "FILE",
        summary:
          "What you take as proof: kinds, issuers, digests of the base, greatest age. Default: attest.yaml, else that of this folder's bench",
      },
      { name: "nonce", kind: "value", placeholder: "TEXT", summary: "That you asked with" },
      {
        name: "manifest",
        kind: "value",
        placeholder: "DIGEST",
        summary: "Of the sealed pod; that of the quote by default",
      },
      { name: "image", kind: "values", placeholder: "DIGEST", summary: "Image of the pod; may be repeated" },
      { name: "session", kind: "value", placeholder: "ACCOUNT", summary: "Key that the lease has" },
      {
        name: "at",
        kind: "value",
        placeholder: "TIME",
        summary: "As of when, such as 2026-11-23T10:00:00Z; now by default",
      },
      ...COMMON_FLAGS,
    ],
    examples: [
      { words: "attest verify quote.json --nonce=n1", does: "what orrery quote --output=json wrote, by attest.yaml" },
      { words: "attest verify evidence.json --policy=mine.yaml --output=json", does: "each check, for a program" },
    ],
    load: () => import("../market/run-attest-verify.ts"),
  },
  {
    name: "attest show",
    summary: "Print what evidence says, without judging it",
    description:
      "Claims, what was measured, and who certified the key that signed. It may all be a lie: orrery attest verify says whether it is.",
    words: FILE,
    flags: [...COMMON_FLAGS],
    examples: [{ words: "attest show quote.json", does: "what a provider says" }],
    load: () => import("../market/run-attest-show.ts"),
  },
  {
    name: "attest policy",
    summary: "Say what a policy takes as proof, and its digest",
    description:
      "Reads the file; every mistake is told with its line, its column and what would work. The digest is what terms of leases name as their policy.",
    words: { usage: "[FILE]", summary: "The policy; attest.yaml by default", min: 0, max: 1 },
    flags: [...COMMON_FLAGS],
    examples: [{ words: "attest policy", does: "attest.yaml in this folder" }],
    load: () => import("../market/run-attest-policy.ts"),
  },
  {
    name: "attest base",
    summary: "Measure what a provider by this installation runs on",
    description:
      "Prints the digests that evidence of a provider shows which runs the same release on the same Node, as a policy names them. They change with each byte of the code.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...COMMON_FLAGS],
    examples: [{ words: "attest base >> attest.yaml", does: "a policy takes this release" }],
    load: () => import("../market/run-attest-base.ts"),
  },
];
