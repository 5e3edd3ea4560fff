import { type SaidJson, saidJson } from "../said-json.ts";
import { type AttestPolicy, EVIDENCE_KINDS, type EvidenceKind } from "./evidence.ts";
import { POLICY_ENTRIES_MAX, POLICY_LETTERS_MAX } from "./limits.ts";

const SHA256 = { pattern: /^[0-9a-f]{64}$/, what: "32 bytes in hex" };
const PEM = { pattern: /^-----BEGIN CERTIFICATE-----[\s\S]{1,16000}$/, what: "a certificate in PEM" };
const KIND = { pattern: new RegExp(`^(${EVIDENCE_KINDS.join("|")})$`), what: `one of ${EVIDENCE_KINDS.join(", ")}` };
const CERTIFIES = { pattern: /^(hardware|software)$/, what: "hardware or software" };
const SECONDS_MAX = 2 ** 40;

/** Reads a policy as JSON has it. @throws OrreryError `invalid_argument` for anything else, with what is wrong and where */
export function readAttestPolicy(text: string): AttestPolicy {
  const said = saidJson("policy", POLICY_LETTERS_MAX);
  return attestPolicyOf(said.parse(text), { said, place: "" });
}

/** The same, of a part of what is read. */
export function attestPolicyOf(
  policy: Readonly<Record<string, unknown>>,
  { said, place }: { readonly said: SaidJson; readonly place: string },
): AttestPolicy {
  const at = (name: string) => (place === "" ? name : `${place}.${name}`);
  const list = (value: unknown, where: string) => said.list(value, where, POLICY_ENTRIES_MAX);
  return {
    kinds: list(policy["kinds"], at("kinds")).map(
      (one, number) => said.text(one, at(`kinds.${number}`), KIND) as EvidenceKind,
    ),
    issuers: list(policy["issuers"], at("issuers")).map((one, number) => {
      const where = at(`issuers.${number}`);
      const { certificate, certifies } = said.object(one, where);
      return {
        certificate: said.text(certificate, `${where}.certificate`, PEM),
        certifies: said.text(certifies, `${where}.certifies`, CERTIFIES) as "hardware" | "software",
      };
    }),
    base: Object.fromEntries(
      Object.entries(said.object(policy["base"], at("base"))).map(([name, digests]) => {
        const where = at(`base.${name}`);
        return [name, list(digests, where).map((one, number) => said.text(one, `${where}.${number}`, SHA256))];
      }),
    ),
    maxAgeS: said.whole(policy["maxAgeS"], at("maxAgeS"), SECONDS_MAX),
  };
}
