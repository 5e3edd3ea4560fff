import { withoutLogin } from "../login/cookies.ts";
import type { Answer, WebRequest } from "./answer.ts";

/** Header fields of one connection, which no proxy passes on: RFC 9110, 7.6.1. */
const HOP_BY_HOP: ReadonlySet<string> = new Set(
  "connection expect keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade".split(
    " ",
  ),
);

/** What a visitor may not say himself. */
const SAID_BY_US: ReadonlySet<string> = new Set(
  "forwarded host via x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip".split(" "),
);

/** Who asks, as an upstream is told. */
export interface Forwarding {
  readonly host: string;
  readonly proto: "http" | "https";
}

type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The header fields of a request as an upstream gets them. */
export function requestFields(
  { headers, client }: Pick<WebRequest, "headers" | "client">,
  { host, proto }: Forwarding,
): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  const named = namedByConnection(headers);
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !HOP_BY_HOP.has(name) && !SAID_BY_US.has(name) && !named.has(name))
      fields[name] = typeof value === "string" ? value : [...value];
  const cookie = typeof fields["cookie"] === "string" ? withoutLogin(fields["cookie"]) : undefined;
  delete fields["cookie"];
  if (cookie !== undefined) fields["cookie"] = cookie; // What is said of logins is for the server alone.
  fields["x-forwarded-for"] = client;
  fields["x-forwarded-host"] = host;
  fields["x-forwarded-proto"] = proto;
  fields["via"] = "1.1 orrery";
  return fields;
}

/** The header fields of an upstream's answer as the visitor gets them; those that come again stay so. */
export function answerFields(headers: Fields): Answer["headers"] {
  const named = namedByConnection(headers);
  return Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined || HOP_BY_HOP.has(name) || named.has(name)) return [];
    const values = typeof value === "string" ? [value] : value;
    return values.map((one) => [name, asBytes(one)] as const);
  });
}

/** Fields that `Connection` names are of the connection too. */
function namedByConnection(headers: Fields): ReadonlySet<string> {
  const said = headers["connection"] ?? "";
  return new Set((typeof said === "string" ? said : said.join(",")).toLowerCase().split(/[\s,]+/));
}

/** Letters beyond Latin-1 go out as the bytes that they came in. */
function asBytes(value: string): string {
  return [...value].some((char) => char > "\xff") ? Buffer.from(value, "utf8").toString("latin1") : value;
}
