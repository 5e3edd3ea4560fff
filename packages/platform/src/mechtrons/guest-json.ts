import { OrreryError } from "@orrery/core";
import { type GuestReply, type GuestRequest, guestRequest } from "@orrery/guest/abi";
import { errorOfGuest } from "../cage/mechtron-handlers.ts";
import { assertForOthers } from "./host-services.ts";

/**
 * A message in JSON for a mechtron: `method` is `SERVICE/METHOD`, or that of the service `own`.
 * @throws OrreryError `invalid_argument` where that is none, `permission_denied` for a service by which hosts alone speak to mechtrons
 */
export function jsonToGuest(method: string, message: unknown, own: string): GuestRequest {
  const slash = method.lastIndexOf("/");
  const [service, name] = slash < 0 ? [own, method] : [method.slice(0, slash), method.slice(slash + 1)];
  const failing = `Cannot send "${method}"`;
  if (service === "" || name === "")
    throw new OrreryError("invalid_argument", `${failing}: name a method, as in say, or greeter/say`);
  assertForOthers(service, failing);
  const body = new TextEncoder().encode(JSON.stringify(message ?? {}));
  return guestRequest({ service, method: name, contentType: "application/json", body });
}

/** What a mechtron replied, as plain data: JSON, or a text. @throws OrreryError as it declared, `internal` for what is neither */
export function jsonOfGuest(address: string, { failure, body, contentType }: GuestReply): unknown {
  if (failure !== undefined) throw errorOfGuest(failure);
  if (body.length === 0) return {};
  const text = new TextDecoder().decode(body);
  if (contentType === "application/json") return JSON.parse(text) as unknown;
  if (contentType.startsWith("text/")) return text;
  throw new OrreryError(
    "internal",
    `Cannot read the reply of "${address}": it is "${contentType}", no JSON and no text`,
  );
}
