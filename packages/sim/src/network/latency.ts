import { OrreryError, type Random } from "@orrery/core";
import { TICKS_PER_MS } from "../limits.ts";

/**
 * How long a message is on its way, in ms. A number is always the same; the others are drawn for each message:
 * - `uniform`: each length from `minMs` to `maxMs` as often.
 * - `normal`: round `meanMs`, never below `minMs` (default 0).
 * - `lognormal`: half below `medianMs`, the rest with a long tail, never below `minMs` (default 0); `sigma` is that of the logarithm.
 * - `pareto`: never below `minMs`, rarely very long; the smaller `shape` the longer the tail, cut at `maxMs`.
 * - `mix`: one of several, as often as its `share` says.
 * - `table`: one of those that were measured, each as often.
 */
export type Latency =
  | number
  | { readonly kind: "uniform"; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: "normal"; readonly meanMs: number; readonly deviationMs: number; readonly minMs?: number }
  | { readonly kind: "lognormal"; readonly medianMs: number; readonly sigma: number; readonly minMs?: number }
  | { readonly kind: "pareto"; readonly minMs: number; readonly shape: number; readonly maxMs: number }
  | { readonly kind: "table"; readonly measuredMs: readonly number[] }
  | { readonly kind: "mix"; readonly parts: readonly { readonly share: number; readonly latency: Latency }[] };

/** Draws a latency, in ticks. */
export function drawLatency(latency: Latency, random: Random): number {
  return Math.max(0, Math.round(drawMs(latency, random) * TICKS_PER_MS));
}

function drawMs(latency: Latency, random: Random): number {
  if (typeof latency === "number") return latency;
  switch (latency.kind) {
    case "uniform":
      return latency.minMs + random.next() * (latency.maxMs - latency.minMs);
    case "normal":
      return Math.max(latency.minMs ?? 0, latency.meanMs + latency.deviationMs * drawNormal(random));
    case "lognormal":
      return Math.max(latency.minMs ?? 0, latency.medianMs * Math.exp(latency.sigma * drawNormal(random)));
    case "pareto":
      return Math.min(latency.maxMs, latency.minMs / (1 - random.next()) ** (1 / latency.shape));
    case "table":
      return latency.measuredMs[random.integer(latency.measuredMs.length)] ?? 0;
    case "mix":
      return drawMs(partOf(latency.parts, random), random);
  }
}

function partOf(parts: readonly { readonly share: number; readonly latency: Latency }[], random: Random): Latency {
  let left = random.next() * parts.reduce((sum, { share }) => sum + share, 0);
  for (const { share, latency } of parts) {
    left -= share;
    if (left < 0) return latency;
  }
  return parts.at(-1)?.latency ?? 0;
}

/** Box and Muller's transform of two uniform numbers. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Checks a latency. @throws OrreryError `invalid_argument` that names what cannot be. */
export function assertLatency(latency: Latency): void {
  if (typeof latency === "number") assertMs("latency", latency);
  else assertKind(latency);
}

function assertKind(latency: Exclude<Latency, number>): void {
  switch (latency.kind) {
    case "uniform":
      assertMs("minMs", latency.minMs);
      assertMost(latency);
      break;
    case "normal":
      assertMs("meanMs", latency.meanMs);
      assertMs("minMs", latency.minMs ?? 0);
      assertMs("deviationMs", latency.deviationMs);
      break;
    case "lognormal":
      assertMs("medianMs", latency.medianMs);
      assertMs("sigma", latency.sigma);
      assertMs("minMs", latency.minMs ?? 0);
      break;
    case "pareto":
      assertMs("minMs", latency.minMs);
      assertMost(latency);
      if (!(latency.shape > 0)) throw unfit(`shape is ${latency.shape}, write a number above 0`);
      break;
    case "table":
      if (latency.measuredMs.length === 0) throw unfit("a table has no latencies, give those that were measured");
      for (const ms of latency.measuredMs) assertMs("measuredMs", ms);
      break;
    case "mix":
      assertParts(latency.parts);
      break;
    default:
      throw unfit(
        `there is no kind "${String((latency as { kind: unknown }).kind)}", write uniform, normal, lognormal, pareto, table or mix`,
      );
  }
}

function assertMost({ minMs, maxMs }: { readonly minMs: number; readonly maxMs: number }): void {
  assertMs("maxMs", maxMs);
  if (maxMs < minMs) throw unfit(`maxMs is ${maxMs}, below minMs ${minMs}`);
}

function assertParts(parts: readonly { readonly share: number; readonly latency: Latency }[]): void {
  if (parts.length === 0) throw unfit("a mix has no parts, give one at least");
  for (const { share, latency } of parts) {
    if (!(share > 0 && Number.isFinite(share))) throw unfit(`a share is ${share}, write a number above 0`);
    assertLatency(latency);
  }
}

function assertMs(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw unfit(`${name} is ${value}, write a number from 0`);
}

/** Refuses a model of a link. */
export function unfit(why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot model a link: ${why}`);
}

/** The shortest that a latency can be, in ticks. */
export function leastLatency(latency: Latency): number {
  return Math.max(0, Math.round(leastMs(latency) * TICKS_PER_MS));
}

function leastMs(latency: Latency): number {
  if (typeof latency === "number") return latency;
  switch (latency.kind) {
    case "table":
      return Math.min(...latency.measuredMs);
    case "mix":
      return Math.min(...latency.parts.map((part) => leastMs(part.latency)));
    default:
      return latency.minMs ?? 0;
  }
}
