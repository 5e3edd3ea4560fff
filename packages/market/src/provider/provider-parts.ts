import type { OneAtATime } from "@orrery/core/internal";
import type { Capacity } from "../quote/capacity.ts";
import type { Notices } from "./notices.ts";
import type { ProviderOptions } from "./provider-options.ts";
import type { QuoteBook } from "./quote-book.ts";
import type { Tenants } from "./tenants.ts";

/** What the parts of one provider share. */
export interface ProviderParts {
  readonly options: ProviderOptions;
  readonly capacity: Capacity;
  readonly book: QuoteBook;
  readonly tenants: Tenants;
  /** What is done to one lease is done one after the other. */
  readonly oneAtATime: OneAtATime;
  /** Gives notice while it is drained. */
  readonly notices: Notices;
  /** Whether it is being drained. */
  isDraining(): boolean;
  /** @throws OrreryError `unavailable` while it takes no new pods */
  assertOpen(): void;
}
