import { project, type XY } from "./projection.ts";

/** The states of a TopoJSON file: arcs shared by neighbours, coordinates as differences of whole steps. */
export interface Topology {
  readonly transform: { readonly scale: readonly [number, number]; readonly translate: readonly [number, number] };
  readonly arcs: readonly (readonly (readonly [number, number])[])[];
  /** For each state its rings, each a list of arcs; `~n` is arc n backwards. */
  readonly states: readonly (readonly (readonly number[])[])[];
}

/** The states as lines on the map: one list of points for each ring. */
export function ringsOf({ transform, arcs, states }: Topology): readonly (readonly XY[])[] {
  const lines = arcs.map((arc) => lineOf(arc, transform));
  return states
    .flat()
    .map((ring) => ring.flatMap((index) => (index < 0 ? lines[~index]?.toReversed() : lines[index]) ?? []));
}

function lineOf(arc: Topology["arcs"][number], { scale, translate }: Topology["transform"]): readonly XY[] {
  let [x, y] = [0, 0];
  return arc.flatMap(([dx, dy]) => {
    [x, y] = [x + dx, y + dy];
    const point = project({ longitude: x * scale[0] + translate[0], latitude: y * scale[1] + translate[1] });
    return point === undefined ? [] : [point];
  });
}
