import { ConnectError } from "@connectrpc/connect";

const NUMBER = new Intl.NumberFormat("en");

/** Writes a whole number with separators. */
export function wholeOf(value: number): string {
  return NUMBER.format(Math.round(value));
}

/** Writes a duration as hours and minutes. */
export function hoursOf(duration: { readonly seconds: bigint } | undefined): string {
  const minutes = Math.round(Number(duration?.seconds ?? 0n) / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Writes minutes of a day as "15:04". */
export function clockOf(minuteOfDay: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`;
}

/** Writes a failure for people: the message of the service as it is. */
export function problemOf(thrown: unknown): string {
  return ConnectError.from(thrown).rawMessage;
}
