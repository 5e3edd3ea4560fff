/** Speed over ground of a jet at height. */
const CRUISE_KM_PER_HOUR = 830;
/** What take-off, climb, descent and landing take besides. */
const ENDS_MINUTES = 25;
/** Time to change from one flight to the next. */
const CHANGE_MINUTES = 60;

/** How long a flight of a length takes, in minutes. */
export function flightMinutes(distanceKm: number): number {
  return ENDS_MINUTES + (distanceKm / CRUISE_KM_PER_HOUR) * 60;
}

/** How long flights one after another take, changes included, in minutes. */
export function tripMinutes(legs: readonly { readonly distanceKm: number }[]): number {
  const flying = legs.reduce((sum, leg) => sum + flightMinutes(leg.distanceKm), 0);
  return flying + CHANGE_MINUTES * Math.max(0, legs.length - 1);
}

/** Writes minutes as a `google.protobuf.Duration`, in whole seconds. */
export function durationOf(minutes: number): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(Math.round(minutes * 60)), nanos: 0 };
}

/** Reads a `google.protobuf.Duration` in ms; an absent one is 0. */
export function durationMs(duration: { readonly seconds: bigint; readonly nanos: number } | undefined): number {
  return duration === undefined ? 0 : Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}
