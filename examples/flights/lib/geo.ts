/** A point on the Earth, in degrees. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** Mean radius of the Earth. */
const EARTH_KM = 6371.0088;
const RADIANS = Math.PI / 180;

/** Length of the great circle between two points, in km. */
export function distanceKm(from: Point, to: Point): number {
  return 2 * EARTH_KM * Math.asin(Math.sqrt(haversine(from, to)));
}

/** The point at a share, from 0 to 1, of the great circle between two points. */
export function pointAlong(from: Point, to: Point, share: number): Point {
  const angle = 2 * Math.asin(Math.sqrt(haversine(from, to)));
  if (angle === 0) return from;
  const a = Math.sin((1 - share) * angle) / Math.sin(angle);
  const b = Math.sin(share * angle) / Math.sin(angle);
  const [ax, ay, az] = vectorOf(from);
  const [bx, by, bz] = vectorOf(to);
  const [x, y, z] = [a * ax + b * bx, a * ay + b * by, a * az + b * bz];
  return { latitude: Math.atan2(z, Math.hypot(x, y)) / RADIANS, longitude: Math.atan2(y, x) / RADIANS };
}

/** Direction in which the great circle leaves a point for another, in degrees: 0 is north, 90 is east. */
export function headingDegrees(from: Point, to: Point): number {
  const [a, b] = [from.latitude * RADIANS, to.latitude * RADIANS];
  const turn = (to.longitude - from.longitude) * RADIANS;
  const east = Math.sin(turn) * Math.cos(b);
  const north = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(turn);
  return (Math.atan2(east, north) / RADIANS + 360) % 360;
}

function haversine(from: Point, to: Point): number {
  const down = Math.sin(((to.latitude - from.latitude) * RADIANS) / 2);
  const over = Math.sin(((to.longitude - from.longitude) * RADIANS) / 2);
  return down * down + Math.cos(from.latitude * RADIANS) * Math.cos(to.latitude * RADIANS) * over * over;
}

function vectorOf({ latitude, longitude }: Point): [number, number, number] {
  const [phi, lambda] = [latitude * RADIANS, longitude * RADIANS];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}
