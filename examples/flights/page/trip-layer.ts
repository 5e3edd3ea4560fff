import type { Airport } from "../gen/flights/v1/airport_pb.ts";
import type { Trip } from "../gen/flights/v1/planner_pb.ts";
import type { View } from "./view.ts";
import { trace, wayOf } from "./way.ts";

const ROUTE = "#ffb454";
const CLOSED = "#ff5d73";

/** Draws the planned trip: a glowing line along each leg, dashes that run in the direction of travel, and its airports by name. */
export function drawTrip(pen: CanvasRenderingContext2D, view: View, options: { trip: Trip; nowMs: number }): void {
  const { trip, nowMs } = options;
  pen.save();
  pen.lineCap = "round";
  for (const { origin, destination } of trip.legs) {
    const way = wayOf(view, origin?.place, destination?.place);
    pen.setLineDash([]);
    strokeWay(pen, way, { width: 7, style: "rgb(255 180 84 / 18%)" });
    strokeWay(pen, way, { width: 2.2, style: ROUTE });
    pen.setLineDash([1, 20]);
    pen.lineDashOffset = -nowMs / 40;
    strokeWay(pen, way, { width: 3.2, style: "#fff3dd" });
  }
  pen.setLineDash([]);
  for (const airport of [trip.legs[0]?.origin, ...trip.legs.map(({ destination }) => destination)])
    drawStop(pen, view, airport);
  pen.restore();
}

function strokeWay(
  pen: CanvasRenderingContext2D,
  way: ReturnType<typeof wayOf>,
  line: { readonly width: number; readonly style: string },
): void {
  pen.lineWidth = line.width;
  pen.strokeStyle = line.style;
  trace(pen, way);
  pen.stroke();
}

function drawStop(pen: CanvasRenderingContext2D, view: View, airport: Airport | undefined): void {
  const at = view.locate(airport?.place);
  if (airport === undefined || at === undefined) return;
  pen.beginPath();
  pen.arc(...at, 5, 0, 2 * Math.PI);
  pen.fillStyle = "#1a1206";
  pen.fill();
  pen.lineWidth = 2.5;
  pen.strokeStyle = ROUTE;
  pen.stroke();
  pen.font = "700 13px system-ui, 'DejaVu Sans', sans-serif";
  pen.lineWidth = 6;
  pen.lineJoin = "round";
  pen.strokeStyle = "#1a2743";
  pen.strokeText(airport.iata, at[0] + 9, at[1] + 4.5);
  pen.fillStyle = "#ffe2b8";
  pen.fillText(airport.iata, at[0] + 9, at[1] + 4.5);
}

/** Draws a ring round a closed airport; it breathes, so that it is seen among the traffic. */
export function drawClosed(
  pen: CanvasRenderingContext2D,
  view: View,
  options: { airport: Airport; nowMs: number },
): void {
  const at = view.locate(options.airport.place);
  if (at === undefined) return;
  pen.beginPath();
  pen.arc(...at, 8 + 2 * Math.sin(options.nowMs / 300), 0, 2 * Math.PI);
  pen.lineWidth = 2;
  pen.strokeStyle = CLOSED;
  pen.stroke();
}
