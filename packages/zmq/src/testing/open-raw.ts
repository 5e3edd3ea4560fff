import type { RawPeer } from "@orrery/core/conformance";
import { createConnector } from "../connector.ts";
import type { ConnectorSecurity } from "../security.ts";

/** Connects to a transport as a peer that sends whatever packets a test wants. */
export function openRaw(address: string, security: ConnectorSecurity): Promise<RawPeer> {
  const ended = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<RawPeer>();
  const connector = createConnector({
    address,
    security,
    timing: { reconnectMinMs: 2, reconnectMaxMs: 20, lingerMs: 200 },
    onConnection: () => {
      opened.resolve({
        sendPacket: (packet) => void connector.sendMessage([packet]),
        ended: ended.promise,
        close: () => void connector.close(),
      });
      return { onMessage: () => undefined, onClose: () => ended.resolve() };
    },
  });
  connector.connect();
  return opened.promise;
}
