import type { createPacketInspector } from "./inspect-packet.ts";

/** Loads what renders packets for people, which needs protobuf-es and the schemas: only what reads captures does. */
export async function loadPacketInspector(): Promise<typeof createPacketInspector> {
  const loaded = await import("./inspect-packet.ts");
  return loaded.createPacketInspector;
}
