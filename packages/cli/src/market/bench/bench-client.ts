import { OrreryError } from "@orrery/core";
import type { BenchPlace } from "../market-file.ts";

/** What a bench can be asked for, and what it answers. */
export interface BenchAnswers {
  readonly status: BenchStatus;
  /** Moves the clock. */
  readonly clock: BenchTime;
  /** Has the clock stand until it is released, for some seconds at most. */
  readonly hold: BenchHold;
  readonly release: Record<string, never>;
  /** Gives an account tokens, out of nothing. */
  readonly fund: Record<string, never>;
  readonly kill: BenchStatus;
  readonly start: BenchStatus;
  /** Does what an operator of a provider asks for. */
  readonly operate: BenchOverview;
  /** Moves the money of a provider that runs. */
  readonly money: BenchMoved;
  readonly down: Record<string, never>;
}

/** How a provider stands, as `printRecord` writes it. */
export interface BenchOverview {
  readonly overview: string;
}

/** What time it is on a bench. */
export interface BenchTime {
  /** Ms since 1970. */
  readonly nowMs: number;
}

/** The clock stands, for whoever looks at several things of one time. */
export interface BenchHold extends BenchTime {
  /** By what it is released. */
  readonly hold: number;
}

/** What was moved of a provider's money. */
export interface BenchMoved {
  /** Base units, as text. */
  readonly moved: string;
}

/** How a bench stands. */
export interface BenchStatus extends BenchTime {
  /** Whether time passes as it does on this machine; else it stands until it is moved. */
  readonly isLive: boolean;
  /** URL of the store of artifacts that all providers fetch from. */
  readonly store: string;
  /** URL of the service that keeps keys of artifacts. */
  readonly keyService: string;
  readonly providers: readonly BenchProviderStatus[];
}

/** One provider of it. */
export interface BenchProviderStatus {
  readonly name: string;
  readonly url: string;
  readonly gateway: string;
  readonly account: string;
  readonly state: "running" | "killed" | "dark";
}

/** Asks a bench. @throws OrreryError as the bench does; `unavailable` where it does not run */
export async function askBench<K extends keyof BenchAnswers>(
  { url, secret, pid }: BenchPlace,
  what: K,
  wish: object = {},
): Promise<BenchAnswers[K]> {
  const answer = await fetch(`${url}/${what}`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify(wish),
  }).catch((cause: unknown) => {
    throw new OrreryError(
      "unavailable",
      `Cannot ask the bench: its process ${pid} does not run any more, start another`,
      { cause },
    );
  });
  const said = (await answer.json()) as { value?: BenchAnswers[K]; code?: string; message?: string };
  if (said.value !== undefined) return said.value;
  throw new OrreryError(
    (said.code ?? "internal") as "internal",
    said.message ?? "Cannot ask the bench: it gave no answer",
  );
}
