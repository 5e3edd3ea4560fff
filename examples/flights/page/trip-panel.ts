import type { Airport } from "../gen/flights/v1/airport_pb.ts";
import type { Trip } from "../gen/flights/v1/planner_pb.ts";
import { byId, make } from "./element.ts";
import { hoursOf, wholeOf } from "./words.ts";

/** Shows a trip as a list of its airports, with each flight between two of them; `onStop` gets the one that is clicked. */
export function showTrip(trip: Trip, onStop: (airport: Airport) => void): void {
  const count = trip.legs.length;
  const sum = make(
    "p",
    { className: "sum" },
    make("b", {}, `${wholeOf(trip.distanceKm)} km`),
    make("span", { className: "note" }, `${count} ${count === 1 ? "flight" : "flights"}, ${hoursOf(trip.duration)}`),
  );
  const stops = trip.legs.map(({ origin, distanceKm, flightsPerYear, duration }) =>
    stopOf(
      origin,
      onStop,
      `${wholeOf(distanceKm)} km, ${hoursOf(duration)}, ${wholeOf(flightsPerYear)} flights a year`,
    ),
  );
  const end = stopOf(trip.legs.at(-1)?.destination, onStop, detourOf(trip));
  byId("trip").replaceChildren(sum, make("ol", { className: "legs" }, ...stops, end));
}

function stopOf(airport: Airport | undefined, onStop: (airport: Airport) => void, note: string): HTMLLIElement {
  const name = [
    make("span", { className: "code" }, airport?.iata ?? ""),
    ` ${airport?.city ?? ""}, ${airport?.state ?? ""}`,
  ];
  const button = make("button", { type: "button", className: "stop" }, ...name);
  button.addEventListener("click", () => airport !== undefined && onStop(airport));
  return make("li", {}, button, make("small", { className: "note" }, note));
}

function detourOf({ distanceKm, directDistanceKm }: Trip): string {
  const detour = distanceKm - directDistanceKm;
  return detour < 1 ? "No detour" : `${wholeOf(detour)} km longer than the great circle`;
}
