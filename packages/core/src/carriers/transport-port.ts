import type { Bounces } from "../bounces.ts";
import { type Envelope, Kind } from "../envelope.ts";
import type { Leaving, Port, PortResult } from "../port.ts";
import type { Link, Transport } from "../transport.ts";

/** A port that leads over a transport's link. */
export interface LinkPort extends Port {
  readonly link: Link;
  readonly transport: Transport;
  leaving: Leaving | undefined;
  isGivenUp: boolean;
}

/** The one kind of port over links. Where several carriers lead to its place, their stack gives it another link and transport. */
export class TransportPort implements LinkPort {
  link: Link;
  transport: Transport;
  readonly carriesValues: boolean;
  readonly place: string | undefined;
  leaving: Leaving | undefined = undefined;
  isGivenUp = false;
  inFlight = 0;
  bounces: Bounces | undefined = undefined;

  constructor(options: Pick<TransportPort, "link" | "transport" | "carriesValues" | "place">) {
    this.link = options.link;
    this.transport = options.transport;
    this.carriesValues = options.carriesValues;
    this.place = options.place;
  }

  send(envelope: Envelope): PortResult {
    if (this.leaving === "stopped" && isBeginning(envelope)) return "leaving";
    const { sealing } = envelope;
    if (sealing === undefined || envelope.seal !== undefined) return this.transport.send(this.link, envelope);
    sealing.close(envelope);
    const sent = this.transport.send(this.link, envelope);
    if (sent !== "accepted") sealing.undo();
    return sent;
  }
}

/** Whether a message begins an exchange, and does not answer or follow another. */
function isBeginning({ kind }: Envelope): boolean {
  return kind === Kind.request || kind === Kind.oneWay || kind === Kind.streamOpen || kind === Kind.broadcast;
}
