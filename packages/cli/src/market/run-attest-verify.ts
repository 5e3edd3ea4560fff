import { createSystemClock } from "@orrery/core";
import {
  type AttestPolicy,
  createSignatureChecks,
  type Evidence,
  policyDigest,
  type Quote,
  verifyEvidence,
  verifyQuote,
} from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";
import { type AttestFile, findPolicy, parseMoment, readAttestFile } from "./attest-file.ts";

/** One thing that was looked at. */
interface Check {
  readonly of: "evidence" | "quote";
  readonly name: string;
  readonly fault?: string;
}

/** What came of it. */
interface Found {
  readonly checks: readonly Check[];
  readonly warnings: readonly string[];
}

const NO_DIGEST = /^0x0+$/;

/** Says whether evidence, and a quote beside it, are what they should be. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [name = ""] = input.words;
  const file = await readAttestFile(name, terminal);
  if (file.evidence === undefined && file.quote === undefined)
    throw new CommandError(`Cannot verify "${name}": it has neither evidence nor a quote`, { exit: EXIT.usage });
  const policy = await findPolicy(input.text("policy"), terminal);
  const at = input.text("at");
  const nowS = at === undefined ? Math.floor(createSystemClock().now() / 1_000) : parseMoment(at);
  const ofEvidence = lookAtEvidence(file, { input, policy, nowS });
  const ofQuote = await lookAtQuote(file, { input, policy, nowS });
  const checks = [...ofEvidence.checks, ...ofQuote.checks];
  const warnings = [...ofEvidence.warnings, ...ofQuote.warnings];
  const isGood = checks.every(({ fault }) => fault === undefined);
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify({ pass: isGood, checks, warnings })}\n`);
  else await terminal.write(textOf({ checks, warnings }, isGood, terminal));
  return isGood ? EXIT.done : EXIT.failed;
}

/** What checks go by. */
interface By {
  readonly input: CommandInput;
  readonly policy: AttestPolicy;
  readonly nowS: number;
}

function lookAtEvidence({ evidence, quote }: AttestFile, { input, policy, nowS }: By): Found {
  if (evidence === undefined) return { checks: [], warnings: ["there is no evidence: nothing proves where it runs"] };
  const { claims } = evidence;
  const said = { nonce: input.text("nonce"), manifest: digestFlag(input), images: input.texts("image") };
  const session = input.text("session") as Evidence["claims"]["session"] | undefined;
  const expected = {
    nonce: said.nonce ?? claims.nonce,
    manifest: said.manifest ?? quote?.terms.manifest ?? claims.manifest,
    images: said.images.length > 0 ? said.images : claims.images,
    ...(session !== undefined && { session }),
  };
  const verdict = verifyEvidence(evidence, { policy, expected, nowS, signatures: createSignatureChecks() });
  const unsaid = [
    ...(said.nonce === undefined ? [UNSAID.nonce] : []),
    ...(said.manifest === undefined && quote === undefined ? [UNSAID.manifest] : []),
    ...(said.images.length === 0 ? [UNSAID.images] : []),
  ];
  const own = [...unsaid.map(({ name }) => name), ...(session === undefined ? ["session"] : [])];
  return {
    checks: verdict.checks
      .filter(({ name }) => !own.includes(name))
      .map((one) => ({ of: "evidence" as const, ...one })),
    warnings: [...verdict.warnings, ...unsaid.map(({ why }) => `not looked at: ${why}`)],
  };
}

/** What is not looked at where it is not said: evidence agrees with itself. */
const UNSAID = {
  nonce: { name: "nonce", why: "the nonce; say yours with --nonce, or this may be an old answer" },
  manifest: { name: "manifest", why: "which pod it is of; say its digest with --manifest" },
  images: { name: "images", why: "which images run; say their digests with --image" },
} as const;

async function lookAtQuote({ quote }: AttestFile, { input, policy, nowS }: By): Promise<Found> {
  if (quote === undefined) return { checks: [], warnings: [] };
  const { terms, reserved, usedAtMost, domain } = quote;
  const namesNone = NO_DIGEST.test(terms.policy);
  const checks = await verifyQuote(quote, {
    ...{
      publisher: terms.publisher,
      manifest: digestFlag(input) ?? terms.manifest,
      reserved,
      usedAtMost,
      domain,
      nowS,
    },
    policy: namesNone ? terms.policy : policyDigest(policy),
  });
  const taken = new Set(["domain", "publisher", "resources"]); // These were taken of the quote itself.
  return {
    checks: checks.filter(({ name }) => !taken.has(name)).map((one) => ({ of: "quote" as const, ...one })),
    warnings: namesNone ? ["the quote names no policy: a lease by it may run anywhere"] : [],
  };
}

function digestFlag(input: CommandInput): Quote["terms"]["manifest"] | undefined {
  const text = input.text("manifest");
  if (text === undefined || /^0x[0-9a-f]{64}$/.test(text)) return text as Quote["terms"]["manifest"] | undefined;
  throw usageError(`Cannot read flag --manifest: "${text}" is no digest, write 0x and 64 digits of 0-9a-f`);
}

function textOf({ checks, warnings }: Found, isGood: boolean, terminal: Terminal): string {
  const rows = checks.map(({ of, name, fault }) => [
    fault === undefined ? "ok" : "FAILED",
    `${of} ${name}`,
    fault ?? "",
  ]);
  const failed = checks.filter(({ fault }) => fault !== undefined).map(({ of, name }) => `${of} ${name}`);
  const heading = isGood
    ? colour(terminal, "good", "PASS")
    : `${colour(terminal, "bad", "FAIL")}: ${failed.join(", ")}`;
  return `${[heading, ...table(rows, 2), ...warnings.map((line) => `Note: ${line}`)].join("\n")}\n`;
}
