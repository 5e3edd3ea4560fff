import type { MessageContext } from "./message-context.ts";
import type { Port } from "./port.ts";

/**
 * The streams that are open into one container, by where their readers are: a credit finds its stream in constant time, however much
 * waits in the inboxes. Bounded by what the instances have running.
 */
export interface StreamTable {
  add(message: MessageContext): void;
  remove(message: MessageContext): void;
  find(port: Port, id: number): MessageContext | undefined;
}

/** Makes an empty table. */
export function createStreamTable(): StreamTable {
  const ports = new Map<Port, Map<number, MessageContext>>();
  return {
    add(message) {
      const streams = ports.get(message.port) ?? new Map<number, MessageContext>();
      ports.set(message.port, streams);
      streams.set(message.envelope.id, message);
    },
    remove({ port, envelope }) {
      const streams = ports.get(port);
      streams?.delete(envelope.id);
      if (streams?.size === 0) ports.delete(port);
    },
    find: (port, id) => ports.get(port)?.get(id),
  };
}
