import type { Clock } from "@orrery/core";
import type { TokenFacts } from "../chain/evm/read-token.ts";
import type { Account, Digest } from "../lease/terms.ts";
import type { PodChange } from "../provider/plan-update.ts";
import type { AskedQuote } from "../publisher/ask-quote.ts";
import type { LeaseRecord } from "../publisher/lease-record.ts";
import type { PreparedPod } from "../publisher/prepare-pod.ts";
import type { Publisher } from "../publisher/publisher.ts";
import type { PodFiles } from "./pod-files.ts";
import type { Tasks } from "./tasks.ts";

/** What a publisher's page works with. */
export interface PodPageOptions {
  /** Makes a publisher that tells its steps. All are of one wallet, one chain and the same records. */
  readonly publisherWith: (onStep: (step: string) => void) => Publisher;
  /** In what prices and amounts are written. */
  readonly token: TokenFacts;
  /** Base units in the wallet, outside of the contract. */
  readonly walletBalance: () => Promise<bigint>;
  /** URLs of providers that are known, by their names; the first stands in forms. */
  readonly providers: Readonly<Record<string, string>>;
  /** Whole path of the folder with pod files, and with what they name. */
  readonly folder: string;
  /** What time it is for leases and money, and how time passes. */
  readonly clock: Clock;
  /** Called before anything is answered: learns what time it is, where the clock does not go by itself. Default: it does. */
  readonly readTime?: () => Promise<void>;
  /** Told of what nobody foresaw. Default: nobody. */
  readonly onFault?: (error: unknown) => void;
  /** Port of the loopback; 0 for any that is free. */
  readonly port: number;
}

/** What came of a task. */
export type Outcome =
  /** It was done; the page goes on there. */
  | { readonly kind: "said"; readonly text: string; readonly next: string }
  /** A price, with nothing sent or paid. */
  | {
      readonly kind: "quote";
      readonly file: string;
      readonly prepared: PreparedPod;
      readonly asked: AskedQuote;
      readonly url: string;
      readonly account: Account;
    }
  /** What an update would change. */
  | {
      readonly kind: "plan";
      readonly file: string;
      readonly record: LeaseRecord;
      readonly prepared: PreparedPod;
      readonly changes: readonly PodChange[];
      readonly deleteVolumes: readonly string[];
    };

/** The options, and what the page keeps while it is served. */
export interface PageWorld extends Omit<PodPageOptions, "folder" | "port"> {
  /** For what tells no steps. */
  readonly publisher: Publisher;
  readonly files: PodFiles;
  readonly tasks: Tasks<Outcome>;
}

/** The address of a pod's own page. */
export function podPath(lease: Digest): string {
  return `/pods/${lease}`;
}

/** The address of the page of a file. */
export function filePath(file: string): string {
  return `/files/${encodeURIComponent(file)}`;
}
