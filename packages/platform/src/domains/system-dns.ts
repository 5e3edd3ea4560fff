import { Resolver } from "node:dns/promises";
import { OrreryError } from "@orrery/core";
import { DNS_TEXTS_MAX, DNS_TIMEOUT_MS } from "./limits.ts";

/** What says that there is nothing, where others say that it is not known. */
const NOTHING: ReadonlySet<string | undefined> = new Set(["ENOTFOUND", "ENODATA"]);

/**
 * Makes what asks the DNS for texts: of one server, `HOST:PORT`, or of those that the machine names.
 * @throws OrreryError `invalid_argument` for what is no address of a server
 */
export function createDnsTexts(server?: string): (name: string) => Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 2 });
  try {
    if (server !== undefined) resolver.setServers([server]);
  } catch (cause) {
    const text = `Cannot ask the DNS at "${server}": it is no address of a server, write one such as 127.0.0.1:53`;
    throw new OrreryError("invalid_argument", text, { cause });
  }
  return async (name) => {
    try {
      return (await resolver.resolveTxt(name)).slice(0, DNS_TEXTS_MAX).map((pieces) => pieces.join(""));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (NOTHING.has(code)) return [];
      throw new OrreryError("unavailable", `the DNS does not answer, ${message}`, { cause: error });
    }
  };
}
