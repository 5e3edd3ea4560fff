import { type AttestPolicy, certificateNames, policyDigest } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { POLICY_FILE, readPolicyFile } from "./attest-file.ts";

/** Says what a policy takes, and its digest. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [file = POLICY_FILE] = input.words;
  const policy = await readPolicyFile(file, terminal);
  const digest = policyDigest(policy);
  const isJson = input.text("output") === "json";
  await terminal.write(isJson ? `${JSON.stringify({ file, digest, ...policy })}\n` : textOf(policy, digest));
  return EXIT.done;
}

function textOf({ kinds, issuers, base, maxAgeS }: AttestPolicy, digest: string): string {
  const rows = [
    ["digest", digest],
    ["kinds", kinds.join(", ")],
    ...issuers.map(({ certificate, certifies }) => [`issuer of ${certifies}`, certificateNames([certificate]).join()]),
    ...Object.entries(base).flatMap(([name, digests]) => digests.map((one) => [`base ${name}`, `sha256:${one}`])),
    ["greatest age", `${maxAgeS} s`],
  ];
  const nothing = kinds.includes("none") ? "Note: it takes evidence of kind none, which proves nothing\n" : "";
  return `${table(rows).join("\n")}\n${nothing}`;
}
