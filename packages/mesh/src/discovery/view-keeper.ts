import type { Log, Timer } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import type { Alarms } from "./alarms.ts";
import { encodeEntry, readEntryBody } from "./entry-codec.ts";
import { decodeGossip, encodeGossip } from "./gossip-codec.ts";
import { VIEW_BYTES_MAX, VIEW_MEMBERS_MAX, VIEW_WRITE_MS } from "./limits.ts";
import type { MemberTable } from "./member-table.ts";
import type { ViewStore } from "./view-store.ts";

/** Options of a view keeper. */
export interface ViewKeeperOptions {
  readonly store: ViewStore;
  readonly table: MemberTable;
  readonly alarms: Alarms;
  readonly log: Log;
}

/** What was known before. */
export interface KeptView {
  /** Addresses at which nodes were. */
  readonly addresses: readonly string[];
  /** The largest incarnation of a node of this name that was known; 0 for none. */
  readonly incarnation: number;
}

/** Writes what a node knows to its store, now and then, and reads it at the start. */
export interface ViewKeeper {
  read(): Promise<KeptView>;
  /** Something changed: it will be written soon. */
  changed(): void;
}

/** Makes a view keeper. */
export function createViewKeeper(options: ViewKeeperOptions): ViewKeeper {
  return new DelayedKeeper(options);
}

class DelayedKeeper implements ViewKeeper {
  readonly #options: ViewKeeperOptions;
  #planned: Timer | undefined;

  constructor(options: ViewKeeperOptions) {
    this.#options = options;
  }

  async read(): Promise<KeptView> {
    const { store, table, log } = this.#options;
    try {
      const bytes = await store.read();
      return bytes === undefined || bytes.length > VIEW_BYTES_MAX ? NOTHING : readView(bytes, table.self.node);
    } catch (error) {
      log.warn("the last view of the network cannot be read", { why: messageOf(error) });
      return NOTHING;
    }
  }

  changed(): void {
    this.#planned ??= this.#options.alarms.after(VIEW_WRITE_MS, () => {
      this.#planned = undefined;
      void this.#write();
    });
  }

  async #write(): Promise<void> {
    const { store, table, log } = this.#options;
    const others = [...table.all()].filter((member) => member.isThere && member !== table.self);
    const entries = [table.self, ...others.slice(-VIEW_MEMBERS_MAX)].map(({ entry }) =>
      encodeEntry({ ...entry, advert: entry.advert && { ...entry.advert, components: [] }, load: undefined }),
    );
    try {
      await store.write(
        encodeGossip({
          from: table.self.node,
          incarnation: table.self.incarnation,
          network: "",
          said: { kind: "page" },
          entries,
        }),
      );
    } catch (error) {
      log.warn("the view of the network cannot be written", { why: messageOf(error) });
    }
  }
}

const NOTHING: KeptView = { addresses: [], incarnation: 0 };

function readView(bytes: Uint8Array, self: string): KeptView {
  const { from, incarnation, entries } = decodeGossip(bytes);
  const others = entries.filter(({ node }) => node !== self);
  return {
    addresses: others.flatMap((entry) => readEntryBody(entry.bytes).advert?.addresses ?? []),
    incarnation: from === self ? incarnation : 0,
  };
}
