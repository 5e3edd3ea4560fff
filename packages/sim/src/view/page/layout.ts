import type { PageData } from "../page-format.ts";

/** Where a node stands, in pixels. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Where its name stands, as an angle: below it, or on a full orbit outside of that. */
  readonly side: number;
}

/** An ellipse on which nodes stand. */
export interface Orbit {
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
  /** Name of a zone; empty for an orbit around the middle. */
  readonly name: string;
  /** Where its name stands, as an angle: between nodes, away from the middle; undefined within it. */
  readonly side: number | undefined;
}

/** How nodes lie on the plane. */
export interface Layout {
  readonly spots: readonly Spot[];
  readonly orbits: readonly Orbit[];
  /** The dial around all. */
  readonly dial: Orbit;
}

type PlaneNode = PageData["nodes"][number];

interface Box {
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
}

/** Lays nodes on orbits: those of one zone together, those of one machine beside one another. */
export function layOut(nodes: readonly PlaneNode[], { width, height }: { width: number; height: number }): Layout {
  const isSmall = width < 600;
  const margin = isSmall ? 20 : 46;
  const head = isSmall ? 40 : 0; // There the title would lie on the dial.
  const middle = { x: width / 2, y: (height + head) / 2 };
  const [rx, ry] = [Math.max(60, width / 2 - margin), Math.max(60, (height - head) / 2 - margin)];
  const dial = { ...middle, rx, ry, name: "", side: 0 };
  const zones = new Map<string, number[]>();
  for (const [index, { zone }] of nodes.entries()) zones.set(zone, [...(zones.get(zone) ?? []), index]);
  const spots: Spot[] = [];
  const orbits: Orbit[] = [];
  const within = Math.min(58, Math.min(rx, ry) * 0.19);
  const inner = { ...middle, rx: rx - within, ry: ry - within };
  for (const [index, [zone, members]] of [...zones].entries()) {
    const box = boxOf(inner, index, zones.size);
    const sorted = members.toSorted((a, b) => compare(nodes[a], nodes[b]));
    const isAlone = zones.size === 1;
    const outwards = Math.atan2(box.y - middle.y, box.x - middle.x);
    placeZone(sorted, box, { spots, orbits, name: isAlone ? "" : zone || "no zone", outwards });
  }
  return { spots, orbits, dial };
}

function compare(a: PlaneNode | undefined, b: PlaneNode | undefined): number {
  return (a?.machine ?? "").localeCompare(b?.machine ?? "", "en", { numeric: true });
}

/** The place of one zone among several: they stand around the middle; two, side by side or above one another. */
function boxOf(inner: Box, index: number, count: number): Box {
  if (count === 1) return inner;
  const isWide = inner.rx > inner.ry;
  const { angle, rx, ry } = count === 2 ? halfOf(inner, index, isWide) : shareOf(inner, index, count);
  return { x: inner.x + (inner.rx - rx) * Math.cos(angle), y: inner.y + (inner.ry - ry) * Math.sin(angle), rx, ry };
}

function halfOf({ rx, ry }: Box, index: number, isWide: boolean) {
  const angle = (isWide ? Math.PI : -Math.PI / 2) + Math.PI * index;
  return isWide ? { angle, rx: rx * 0.4, ry: ry * 0.72 } : { angle, rx: rx * 0.72, ry: ry * 0.4 };
}

function shareOf({ rx, ry }: Box, index: number, count: number) {
  const angle = -Math.PI / 2 - Math.PI / count + (2 * Math.PI * index) / count;
  const share = count <= 4 ? 0.4 : 1.15 / count;
  const small = Math.min(rx, ry);
  return { angle, rx: Math.max(small * share, rx * share * 0.8), ry: small * share };
}

/** Nodes that one orbit holds before there is another within it. */
const ORBIT_NODES = 26;

/** Nodes of an orbit that have room for their names below them. */
const NAMES_BELOW_MAX = 8;

interface Into {
  readonly spots: Spot[];
  readonly orbits: Orbit[];
  readonly name: string;
  /** Angle that leads away from the middle of the plane. */
  readonly outwards: number;
}

function placeZone(members: readonly number[], box: Box, { spots, orbits, name, outwards }: Into): void {
  const rings = ringsOf(members.length);
  const side = members.length > NAMES_BELOW_MAX ? undefined : sideOf(rings[0] ?? 1, outwards);
  let next = 0;
  for (const [ring, size] of rings.entries()) {
    const share = members.length === 1 ? 0 : 1 - ring / (rings.length + (rings.length > 1 ? 0.35 : 0));
    const [rx, ry] = [box.rx * share, box.ry * share];
    if (ring === 0 || share > 0) {
      const shown =
        members.length === 1 ? { ...box, rx: Math.min(box.rx, 90), ry: Math.min(box.ry, 90) } : { ...box, rx, ry };
      orbits.push({ ...shown, name: ring === 0 ? name : "", side });
    }
    const radius = radiusOf(size, rx, ry, members.length);
    for (let place = 0; place < size; place++) {
      const angle = -Math.PI / 2 + (2 * Math.PI * (place + (ring % 2) / 2)) / size;
      const member = members[next++];
      if (member !== undefined)
        spots[member] = {
          x: box.x + rx * Math.cos(angle),
          y: box.y + ry * Math.sin(angle),
          radius,
          side: size > NAMES_BELOW_MAX ? angle : Math.PI / 2,
        };
    }
  }
}

/** The gap between nodes of an orbit that is nearest to an angle. */
function sideOf(count: number, angle: number): number {
  const step = (2 * Math.PI) / count;
  const first = -Math.PI / 2 + step / 2;
  return first + Math.round((angle - first) / step) * step;
}

/** Shares members out to orbits by their length: the outer ones hold more. */
function ringsOf(count: number): readonly number[] {
  if (count <= ORBIT_NODES) return [count];
  const rings = Math.ceil(Math.sqrt(count / ORBIT_NODES) * 1.6);
  const lengths = Array.from({ length: rings }, (_, ring) => 1 - ring / (rings + 0.35));
  const sum = lengths.reduce((total, length) => total + length, 0);
  const sizes = lengths.map((length) => Math.floor((count * length) / sum));
  sizes[0] = (sizes[0] ?? 0) + count - sizes.reduce((total, size) => total + size, 0);
  return sizes;
}

function radiusOf(count: number, rx: number, ry: number, all: number): number {
  const mean = Math.sqrt((rx * rx + ry * ry) / 2);
  if (all === 1 && mean === 0) return 20;
  return Math.max(2.5, Math.min(22, ((2 * Math.PI * mean) / count) * 0.24, 6 + mean * 0.14));
}

/** A curve between two nodes; each direction bends to its own side. */
export interface Curve {
  readonly x0: number;
  readonly y0: number;
  /** Point that bends it. */
  readonly cx: number;
  readonly cy: number;
  readonly x1: number;
  readonly y1: number;
}

/** The curve from one spot to another, from rim to rim. */
export function curveBetween(from: Spot, to: Spot): Curve {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const bend = Math.min(70, length * 0.13);
  const cx = (from.x + to.x) / 2 - (dy / length) * bend;
  const cy = (from.y + to.y) / 2 + (dx / length) * bend;
  const [x0, y0] = towards(from, cx, cy);
  const [x1, y1] = towards(to, cx, cy);
  return { x0, y0, cx, cy, x1, y1 };
}

function towards({ x, y, radius }: Spot, cx: number, cy: number): readonly [number, number] {
  const length = Math.hypot(cx - x, cy - y) || 1;
  return [x + ((cx - x) / length) * (radius + 2), y + ((cy - y) / length) * (radius + 2)];
}

/** A point of a curve, from 0 at its beginning to 1 at its end. */
export function pointOf({ x0, y0, cx, cy, x1, y1 }: Curve, share: number): readonly [number, number] {
  const rest = 1 - share;
  const [a, b, c] = [rest * rest, 2 * rest * share, share * share];
  return [a * x0 + b * cx + c * x1, a * y0 + b * cy + c * y1];
}
