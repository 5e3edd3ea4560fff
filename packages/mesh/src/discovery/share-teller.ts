import type { Clock } from "@orrery/core";
import type { Alarms } from "./alarms.ts";
import type { Courier } from "./courier.ts";
import type { GatewayFoot } from "./gateway-foot.ts";
import type { Said } from "./gossip-codec.ts";
import { SHARE_TELL_MS, SHARERS_TOLD_MAX, SHARES_MAX } from "./limits.ts";
import type { Member } from "./member.ts";
import type { MemberTable } from "./member-table.ts";

/** Options of a teller of shares. */
export interface ShareTellerOptions {
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly table: MemberTable;
  readonly courier: Courier;
  readonly shares: NonNullable<GatewayFoot["shares"]>;
}

/**
 * Tells the other gateways of a network what this one wants of shared rates, each by itself and at once: there are few of them, and a rate is
 * held only while their words come within a second. I1: at most `SHARERS_TOLD_MAX` are told, so what it takes does not grow with the network.
 */
export interface ShareTeller {
  start(): void;
  /** Takes what another gateway told. */
  hear(node: string, said: Said & { readonly kind: "shares" }): void;
  /** A member is otherwise than before. */
  changed(member: Member): void;
}

/** Makes a teller; it says nothing before its start. */
export function createShareTeller({ alarms, table, courier, shares }: ShareTellerOptions): ShareTeller {
  const isSharer = (member: Member) => member !== table.self && member.isThere && member.networks.length > 0;
  const turn = () => {
    const { wanted } = shares.tell();
    const all = Object.entries(wanted).slice(0, SHARES_MAX);
    const said: Said = { kind: "shares", shares: all.map(([rule, perSecond]) => ({ rule, wanted: perSecond })) };
    const others = all.length === 0 ? [] : [...table.all()].filter(isSharer);
    others.sort((a, b) => (a.node < b.node ? -1 : 1));
    for (const other of others.slice(0, SHARERS_TOLD_MAX)) courier.tell(other, said); // I1
    alarms.after(SHARE_TELL_MS, turn);
  };
  return {
    start: turn,
    hear(node, said) {
      const member = table.get(node);
      if (member === undefined || !isSharer(member)) return;
      shares.hear({ node, wanted: Object.fromEntries(said.shares.map(({ rule, wanted }) => [rule, wanted])) });
    },
    changed({ node, status }) {
      if (status === "left") shares.forget(node);
    },
  };
}
