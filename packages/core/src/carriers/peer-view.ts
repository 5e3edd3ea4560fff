import type { ControlPlane, PeerInfo } from "../control-plane.ts";
import type { Exchange } from "../exchange.ts";
import type { Route } from "./stack.ts";

/** A peer, and the way to it. */
export interface PeerView extends PeerInfo, Route {
  /** Address of the other side. */
  readonly address: string;
}

/** Those of a node's peers that have said who they are. */
export function peersOf({
  exchange,
  control,
}: {
  readonly exchange: Exchange;
  readonly control: ControlPlane;
}): readonly PeerView[] {
  return exchange.links().flatMap((link) => {
    const peer = control.peer(link);
    if (peer === undefined) return [];
    const { node, incarnation, wire, software, leaving } = peer;
    return { node, incarnation, wire, software, leaving, address: link.remote, ...exchange.route(link) };
  });
}
