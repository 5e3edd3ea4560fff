/** What the author of a mechtron in TypeScript imports. It becomes part of the script, and imports nothing. */
export {
  defineMechtron,
  type GuestHandler,
  type HttpReply,
  type HttpRequest,
  type MechtronDefinition,
} from "./define-mechtron.ts";
export type { GuestBytes, GuestContext, GuestLog } from "./guest-context.ts";
export { GuestError, type GuestErrorOptions } from "./guest-error.ts";
export type {
  GuestBroadcast,
  GuestChange,
  GuestResource,
  GuestResources,
  NewGuestResource,
} from "./guest-resources.ts";
export type { GuestState } from "./guest-state.ts";
export type { ScriptAnswer, ScriptBody, ScriptHost, ScriptMechtron } from "./script.ts";
