import type { Log, RateShares } from "@orrery/core";
import type { Alarms } from "./alarms.ts";
import type { Courier } from "./courier.ts";
import type { Said } from "./gossip-codec.ts";
import { SHARE_TELL_MS, SHARERS_TOLD_MAX, SHARES_MAX } from "./limits.ts";
import type { Member } from "./member.ts";
import type { MemberTable } from "./member-table.ts";

/** Options of a teller of shares. */
export interface ShareTellerOptions {
  readonly alarms: Alarms;
  readonly log: Log;
  readonly table: MemberTable;
  readonly courier: Courier;
  readonly shares: RateShares;
}

/**
 * Tells the others that share rates what this node wants of them, each by itself and at once: a rate is held only while their words come
 * within a second. I1: at most `SHARERS_TOLD_MAX` are told, so what it takes does not grow with the network. I2: who shares nothing says
 * nothing, and has no timer.
 */
export interface ShareTeller {
  /** Begins to tell, where there is anything to share by now; says whether there is. */
  refresh(): boolean;
  /** Takes what another node told. */
  hear(node: string, said: Said & { readonly kind: "shares" }): void;
  /** A member is otherwise than before. */
  changed(member: Member): void;
}

/** Makes a teller; it says nothing before it is refreshed. */
export function createShareTeller({ alarms, log, table, courier, shares }: ShareTellerOptions): ShareTeller {
  const isSharer = (member: Member) => member !== table.self && member.isThere && member.sharesRates;
  let isTelling = false;
  let isWarned = false;
  const turn = () => {
    isTelling = shares.isSharing;
    if (!isTelling) return; // I2
    const all = Object.entries(shares.tell().wanted).slice(0, SHARES_MAX);
    const said: Said = { kind: "shares", shares: all.map(([rule, perSecond]) => ({ rule, wanted: perSecond })) };
    const others = [...table.all()].filter(isSharer);
    others.sort((a, b) => (a.node < b.node ? -1 : 1));
    if (others.length > SHARERS_TOLD_MAX && !isWarned)
      log.warn(`${others.length + 1} nodes share rates, ${SHARERS_TOLD_MAX + 1} can: together they may pass them`);
    isWarned = others.length > SHARERS_TOLD_MAX;
    for (const other of others.slice(0, SHARERS_TOLD_MAX)) courier.tell(other, said); // I1
    alarms.after(SHARE_TELL_MS, turn);
  };
  return {
    refresh() {
      if (!isTelling && shares.isSharing) turn();
      return shares.isSharing;
    },
    hear(node, said) {
      if (table.get(node)?.isThere !== true) return;
      shares.hear({ node, wanted: Object.fromEntries(said.shares.map(({ rule, wanted }) => [rule, wanted])) });
    },
    changed({ node, status }) {
      if (status === "left") shares.forget(node);
    },
  };
}
