import { BroadcastService } from "../gen/orrery/registry/v1/broadcast_pb.ts";
import type { Kind } from "../kinds/kind.ts";

/** Name of what drives broadcasts, and takes their messages; stands among the finalizers of each. */
export const BROADCAST_DRIVER: string = BroadcastService.typeName;

/** A broadcast: what is sent to it comes to all who watch it. Registries have it beside `createBroadcasts`. */
export const BROADCAST_KIND: Kind = {
  name: "Broadcast",
  summary: "Relays what is sent to it to all who watch it",
  parents: ["Space", "Base"],
  segments: ["name"],
  driver: BROADCAST_DRIVER,
  properties: { title: { summary: "What people read", schema: { type: "string", maxLength: 200 } } },
};
