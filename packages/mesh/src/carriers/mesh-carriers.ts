import { type CarrierPlan, OrreryError } from "@orrery/core";
import type { Transport } from "@orrery/core/internal";
import { createIpcTransport, createZmqTransport, type ZmqTransportOptions } from "@orrery/zmq";
import { hostAddresses } from "../discovery/system-network.ts";
import { isOfThisHost } from "../discovery/tcp-places.ts";
import { socketFolder, sweepLater } from "./system-socket-folder.ts";
import { createUnixPlan } from "./unix-plan.ts";

/** A carrier of nodes on a network. */
export type MeshCarrier = "unix" | "tcp";

/** The transports of a node, best first, and what it knows of them. */
export interface MeshCarriers {
  readonly transports: readonly Transport[];
  readonly carrierPlan?: CarrierPlan;
}

const KNOWN: readonly MeshCarrier[] = ["unix", "tcp"];

/** Makes the carriers of a node, in the order unix, TCP. @throws OrreryError `invalid_argument` for none, or for one that is unknown. */
export function meshCarriers(wanted: readonly MeshCarrier[] = KNOWN, options: ZmqTransportOptions = {}): MeshCarriers {
  const strange = wanted.find((one) => !KNOWN.includes(one));
  if (strange !== undefined || wanted.length === 0) {
    const text = `Cannot make a node with carriers "${wanted.join(" ")}": write some of ${KNOWN.join(", ")}`;
    throw new OrreryError("invalid_argument", text);
  }
  const tcp = wanted.includes("tcp") ? [createZmqTransport(options)] : [];
  if (!wanted.includes("unix")) return { transports: tcp };
  const folder = socketFolder();
  const transports = [createIpcTransport(options), ...tcp];
  if (folder.kind === "none") {
    options.onTrouble?.(`Cannot use Unix sockets within this host: ${folder.why}`);
    return { transports };
  }
  const host = hostAddresses();
  const plan = createUnixPlan({ folder: folder.path, isOfThisHost: (address) => isOfThisHost(address, host) });
  const beside = (address: string) => {
    sweepLater(folder.path);
    return plan.beside(address);
  };
  return { transports, carrierPlan: { ...plan, beside } };
}
