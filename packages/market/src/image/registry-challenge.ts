/** What a registry asks of whoever comes, as RFC 7235 has it. */
export interface Challenge {
  /** In small letters, such as `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const PARAMETERS = /([A-Za-z]+)=(?:"([^"]{0,2048})"|([^\s",]{1,2048}))/g;

/** Reads the header `WWW-Authenticate`; undefined where it says nothing. */
export function parseChallenge(header: string | null): Challenge | undefined {
  const [, scheme, rest = ""] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(header ?? "") ?? [];
  if (scheme === undefined) return undefined;
  const found = [...rest.matchAll(PARAMETERS)].map(([, name = "", quoted, plain]) => [
    name.toLowerCase(),
    quoted ?? plain ?? "",
  ]);
  return { scheme: scheme.toLowerCase(), parameters: Object.fromEntries(found) as Record<string, string> };
}
