/** The services of a platform that keep something for each Space. */
export type CoreService = "config" | "secrets" | "store" | "events" | "broker" | "billing" | "members" | "space";

/**
 * The address that rights on a core service of a Space are about, such as `demo.test:[config]`, or on a part of it, such as
 * `demo.test:[store]:main:orders`. Nothing lies there, and nothing can: no kind in a Space ends in brackets, so that nobody comes to own it.
 */
export function coreAddress(space: string, service: CoreService, part: readonly string[] = []): string {
  return [space, `[${service}]`, ...part].join(":");
}
