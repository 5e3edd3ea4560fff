import type { ClientNode, ItemStream, StreamOptions, Ticket } from "@orrery/core";
import type { ExposedMethod } from "./exposure.ts";

type Methods<R> = Readonly<Record<string, (request: unknown, options: StreamOptions) => R>>;

/** Calls a method of mode sync, async or broadcast by its contract. Resolves to the reply; of the other two, to nothing: accepted, or sent. */
export function invokeUnary(
  node: Pick<ClientNode, "client" | "send" | "publish">,
  { service, method }: ExposedMethod,
  [request, options]: readonly [request: unknown, options: StreamOptions],
): Promise<unknown> {
  switch (method.mode) {
    case "async":
      return (node.send(service) as Methods<Ticket>)[method.localName]?.(request, options).accepted as Promise<void>;
    case "broadcast":
      (node.publish(service) as Methods<void>)[method.localName]?.(request, options);
      return Promise.resolve();
    default:
      return (node.client(service) as Methods<Promise<unknown>>)[method.localName]?.(
        request,
        options,
      ) as Promise<unknown>;
  }
}

/** Opens a stream by its contract, when it is first asked for an item. */
export function invokeStream(
  node: Pick<ClientNode, "client">,
  { service, method }: ExposedMethod,
  [request, options]: readonly [request: unknown, options: StreamOptions],
): ItemStream<unknown> {
  const client = node.client(service) as Methods<ItemStream<unknown>>;
  return client[method.localName]?.(request, options) as ItemStream<unknown>; // A client has each method of its contract.
}
