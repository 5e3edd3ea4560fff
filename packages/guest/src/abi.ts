/** What a host needs of the interface between mechtrons and hosts; authors of mechtrons in TypeScript need none of it. */
export {
  decodeGuestReply,
  decodeGuestRequest,
  encodeGuestReply,
  encodeGuestRequest,
  GUEST_HEADERS_MAX,
} from "./guest-codec.ts";
export {
  failedReply,
  type GuestFailure,
  type GuestHeader,
  type GuestReply,
  type GuestRequest,
  guestReply,
  guestRequest,
} from "./guest-message.ts";
export { GUEST_ABI, HOST_SERVICE, RESOURCES_SERVICE, STATE_SERVICE, WATCH_SERVICE } from "./names.ts";
export type {
  ScriptAnswer,
  ScriptBody,
  ScriptHost,
  ScriptMechtron,
  ScriptReplyHead,
  ScriptRequestHead,
} from "./script.ts";
