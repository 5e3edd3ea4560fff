import type { OidcOptions } from "@orrery/platform";
import type { KindFile } from "@orrery/registry";
import { usageError } from "../command-error.ts";

const NEEDED = ["issuer", "clientId", "users"];
const KNOWN = [...NEEDED, "clientSecret", "claim", "commandClientId"];

/** Reads what an operator says of an issuer: JSON. @throws CommandError */
export function readOidc({ name, content }: Pick<KindFile, "name" | "content">): OidcOptions {
  const said = parse(content);
  if (said === undefined) throw usageError(`Cannot read "${name}" for --oidc: it is no object of JSON`);
  const unknown = Object.keys(said).find((one) => !KNOWN.includes(one));
  if (unknown !== undefined)
    throw usageError(`Cannot read "${name}" for --oidc: there is no "${unknown}", write some of ${KNOWN.join(", ")}`);
  const wrong = KNOWN.find(
    (one) => (NEEDED.includes(one) || one in said) && (typeof said[one] !== "string" || said[one] === ""),
  );
  if (wrong !== undefined) throw usageError(`Cannot read "${name}" for --oidc: "${wrong}" must be a text`);
  return said as unknown as OidcOptions;
}

function parse(content: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const said: unknown = JSON.parse(content);
    return typeof said === "object" && said !== null && !Array.isArray(said) ? { ...said } : undefined;
  } catch {
    return undefined;
  }
}
