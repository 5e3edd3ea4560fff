import type { Clock } from "@orrery/core";
import { bytesToHex, sha256, stringToBytes } from "viem";
import { PAGE_GUESSES_PER_MINUTE, PAGE_SESSION_MS, PAGE_SESSIONS_MAX } from "./limits.ts";

/** Who is logged in at a page. I1: the token at the start logs in, however often, while the process lives. I2: only digests are kept. */
export interface PageSessions {
  /** @returns what a cookie is to have; undefined for a wrong token, or after too many of them */
  login(token: string): string | undefined;
  isIn(session: string | undefined): boolean;
  logout(session: string): void;
}

/** Makes one in which nobody is logged in. */
export function createPageSessions({
  token,
  draw,
  clock,
}: {
  readonly token: string;
  /** Draws what nobody guesses, 32 bytes. */
  readonly draw: () => Uint8Array;
  readonly clock: Pick<Clock, "monotonic">;
}): PageSessions {
  const wanted = digestOf(token);
  const until = new Map<string, number>();
  let wrong: number[] = [];
  return {
    login: (shown) => {
      const nowMs = clock.monotonic();
      wrong = wrong.filter((atMs) => nowMs - atMs < 60_000);
      if (wrong.length >= PAGE_GUESSES_PER_MINUTE) return undefined;
      // Digests are compared: how long that takes says nothing of the token.
      if (digestOf(shown) !== wanted) {
        wrong.push(nowMs);
        return undefined;
      }
      const session = bytesToHex(draw()).slice(2);
      until.set(digestOf(session), nowMs + PAGE_SESSION_MS);
      const [oldest] = until.keys();
      if (until.size > PAGE_SESSIONS_MAX && oldest !== undefined) until.delete(oldest);
      return session;
    },
    isIn: (session) => session !== undefined && (until.get(digestOf(session)) ?? 0) > clock.monotonic(),
    logout: (session) => void until.delete(digestOf(session)),
  };
}

function digestOf(text: string): string {
  return sha256(stringToBytes(text));
}
