import { defineService, json } from "@orrery/core";

/**
 * How a component of an app sends a message to what has an address: a mechtron, an app, a broadcast. `method` is `SERVICE/METHOD`, or the method
 * alone where the service has the resource's own name; message and reply are plain data. An address without `:` is a mechtron of the app itself.
 * The app sends in its own name, with its own rights.
 * @example
 * const { size } = (await context.client(MessageService).send({ address: "thumbs", method: "make", message })) as Thumb;
 */
export const MessageService = defineService("orrery.messages", {
  send: {
    request: json<{ readonly address: string; readonly method: string; readonly message?: unknown }>(),
    reply: json<unknown>(),
  },
});
