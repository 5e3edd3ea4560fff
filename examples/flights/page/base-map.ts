import type { Airport } from "../gen/flights/v1/airport_pb.ts";
import type { Connection } from "../gen/flights/v1/route_pb.ts";
import type { XY } from "./projection.ts";
import type { View } from "./view.ts";
import { trace, wayOf } from "./way.ts";

/** What stands still on the map. */
export interface BaseMap {
  readonly rings: readonly (readonly XY[])[];
  readonly airports: ReadonlyMap<string, Airport>;
  readonly connections: readonly Connection[];
}

/** A name is drawn for each so many pixels of the window's width, the busiest airports first. */
const PX_PER_LABEL = 30;

/** Draws land, states, the busiest connections, airports and the names of the largest. */
export function drawBaseMap(pen: CanvasRenderingContext2D, view: View, map: BaseMap): void {
  drawLand(pen, view, map.rings);
  pen.lineWidth = 1;
  for (const { origin, place, flightsPerYear } of map.connections) {
    pen.strokeStyle = `rgb(122 162 222 / ${Math.min(0.16, flightsPerYear / 60_000).toFixed(3)})`;
    trace(pen, wayOf(view, map.airports.get(origin)?.place, place));
    pen.stroke();
  }
  const airports = [...map.airports.values()].sort((a, b) => b.departuresPerYear - a.departuresPerYear);
  for (const airport of airports) drawAirport(pen, view, airport);
  drawLabels(pen, view, airports);
}

function drawLand(pen: CanvasRenderingContext2D, view: View, rings: BaseMap["rings"]): void {
  pen.beginPath();
  for (const ring of rings) {
    for (const [index, point] of ring.entries()) {
      const at = view.place(point);
      index === 0 ? pen.moveTo(...at) : pen.lineTo(...at);
    }
    pen.closePath();
  }
  pen.fillStyle = "#1a2743";
  pen.fill("evenodd");
  pen.strokeStyle = "#344669";
  pen.lineWidth = 0.75;
  pen.lineJoin = "round";
  pen.stroke();
}

function drawAirport(pen: CanvasRenderingContext2D, view: View, airport: Airport): void {
  const at = view.locate(airport.place);
  if (at === undefined) return;
  pen.beginPath();
  pen.arc(...at, radiusOf(airport), 0, 2 * Math.PI);
  pen.fillStyle = "rgb(126 176 240 / 55%)";
  pen.fill();
}

/** An airport's area grows with its departures. */
function radiusOf({ departuresPerYear }: Airport): number {
  return 1.4 + Math.sqrt(departuresPerYear) / 130;
}

/** Names airports where no other name stands. */
function drawLabels(pen: CanvasRenderingContext2D, view: View, airports: readonly Airport[]): void {
  const taken: XY[] = [];
  pen.font = "600 10.5px system-ui, 'DejaVu Sans', sans-serif";
  pen.fillStyle = "rgb(190 206 232 / 80%)";
  for (const airport of airports) {
    if (taken.length >= view.width / PX_PER_LABEL) return;
    const at = view.locate(airport.place);
    if (at === undefined) continue;
    const [x, y] = [at[0] + radiusOf(airport) + 3, at[1] + 3.5];
    if (taken.some((other) => Math.abs(other[0] - x) < 30 && Math.abs(other[1] - y) < 13)) continue;
    taken.push([x, y]);
    pen.fillText(airport.iata, x, y);
  }
}
