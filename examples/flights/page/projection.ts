/** A point of the map, in units of the projection: y grows downwards, the lower 48 states are about 0.9 wide. */
export type XY = readonly [x: number, y: number];

/** Parts of the map; Alaska, Hawaii and Puerto Rico are moved beside the lower 48 states, Alaska made smaller. */
export type Region = "lower48" | "alaska" | "hawaii" | "puertoRico";

const RADIANS = Math.PI / 180;

interface ConicOptions {
  /** Longitude that points straight up. */
  readonly meridian: number;
  readonly parallels: readonly [number, number];
  /** Place that comes to lie on the offset, its longitude counted from the meridian. */
  readonly center: readonly [longitude: number, latitude: number];
  readonly scale: number;
  readonly offset: XY;
}

/** Albers' conic projection, which keeps areas. https://en.wikipedia.org/wiki/Albers_projection */
function albers({ meridian, parallels, center, scale, offset }: ConicOptions) {
  const sin0 = Math.sin(parallels[0] * RADIANS);
  const n = (sin0 + Math.sin(parallels[1] * RADIANS)) / 2;
  const c = 1 + sin0 * (2 * n - sin0);
  const raw = (longitude: number, latitude: number): XY => {
    const radius = Math.sqrt(c - 2 * n * Math.sin(latitude * RADIANS)) / n;
    const angle = longitude * RADIANS * n;
    return [radius * Math.sin(angle), radius * Math.cos(angle) - Math.sqrt(c) / n];
  };
  const middle = raw(...center);
  return (longitude: number, latitude: number): XY => {
    const turned = ((longitude - meridian + 540) % 360) - 180;
    const [x, y] = raw(turned, latitude);
    return [offset[0] + scale * (x - middle[0]), offset[1] + scale * (y - middle[1])];
  };
}

/** The composite that Mike Bostock made for maps of the United States. https://d3js.org/d3-geo/conic#geoAlbersUsa */
const REGIONS: Readonly<Record<Region, (longitude: number, latitude: number) => XY>> = {
  lower48: albers({ meridian: -96, parallels: [29.5, 45.5], center: [-0.6, 38.7], scale: 1, offset: [0, 0] }),
  alaska: albers({ meridian: -154, parallels: [55, 65], center: [-2, 58.5], scale: 0.35, offset: [-0.307, 0.201] }),
  hawaii: albers({ meridian: -157, parallels: [8, 18], center: [-3, 19.9], scale: 1, offset: [-0.205, 0.212] }),
  puertoRico: albers({ meridian: -66, parallels: [8, 18], center: [0, 18], scale: 1, offset: [0.35, 0.224] }),
};

/** Names the part of the map where a place is drawn; nothing for the open sea between the parts. */
export function regionOf({ longitude, latitude }: { longitude: number; latitude: number }): Region | undefined {
  if (latitude > 50.5 && (longitude < -128 || longitude > 165)) return "alaska";
  if (latitude < 24 && longitude < -152) return "hawaii";
  if (latitude < 19.5 && longitude > -69) return "puertoRico";
  return latitude > 23 && latitude < 51 && longitude > -128 && longitude < -65 ? "lower48" : undefined;
}

/** Projects a place onto the map; gives nothing for one that is on no part of it. */
export function project(place: { longitude: number; latitude: number }): XY | undefined {
  const region = regionOf(place);
  return region === undefined ? undefined : REGIONS[region](place.longitude, place.latitude);
}
