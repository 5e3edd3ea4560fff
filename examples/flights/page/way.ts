import { type Point, pointAlong } from "../lib/geo.ts";
import { regionOf, type XY } from "./projection.ts";
import type { View } from "./view.ts";

/** Points in which a great circle is drawn. */
const POINTS = 48;

/**
 * The way from one airport to another as lines on the screen: the great circle, or one straight line between parts of the map,
 * since the sea between them is not on it.
 */
export function wayOf(view: View, from: Point | undefined, to: Point | undefined): readonly XY[] {
  if (from === undefined || to === undefined) return [];
  const shares = regionOf(from) === regionOf(to) ? Array.from({ length: POINTS + 1 }, (_, at) => at / POINTS) : [0, 1];
  return shares.flatMap((share) => {
    const point = view.locate(pointAlong(from, to, share));
    return point === undefined ? [] : [point];
  });
}

/** Draws a line through points, without choosing its style. */
export function trace(pen: CanvasRenderingContext2D, points: readonly XY[]): void {
  pen.beginPath();
  for (const [index, point] of points.entries()) index === 0 ? pen.moveTo(...point) : pen.lineTo(...point);
}
