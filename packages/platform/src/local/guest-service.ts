import { bytes, type Context, defineService } from "@orrery/core";
import { decodeGuestReply, encodeGuestRequest, type GuestReply, type GuestRequest } from "@orrery/guest/abi";

/** By which mechtrons that are components call others: encoded requests and replies of `@orrery/guest/abi`; `agent` is the name of who calls. */
export const GuestService = defineService("orrery.guests", { call: { request: bytes, reply: bytes } });

/** Makes a call of a mechtron, on behalf of the message that it handles. @throws OrreryError as the call fails */
export async function callForGuest(name: string, request: GuestRequest, context: Context): Promise<GuestReply> {
  return decodeGuestReply(await context.client(GuestService).call(encodeGuestRequest({ ...request, agent: name })));
}
