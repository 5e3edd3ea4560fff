import type { Airport, MeasureTripRequest } from "../gen/trip/v1/trip_pb.ts";
import { airports } from "./airports.ts";

type Stop = Pick<Airport, "latitude" | "longitude">;

/** Mean radius of the Earth. */
const EARTH_KM = 6371;
const RADIANS = Math.PI / 180;

/** Handlers of the trips. */
export const trips = {
  async measureTrip(request: MeasureTripRequest) {
    const text = "Cannot measure the trip: it leads nowhere, name two airports or more";
    if (request.stops.length < 2) throw new Error(text, { cause: "invalid_argument" });
    const stops = await Promise.all(request.stops.map((iata) => airports.getAirport({ iata })));
    const legs = stops.slice(1).map((stop, index) => distanceKm(stops[index] ?? stop, stop));
    return { stops, distanceKm: legs.reduce((sum, leg) => sum + leg, 0) };
  },
};

/** Length of the great circle between two stops, by the haversine formula. */
function distanceKm(from: Stop, to: Stop): number {
  const down = Math.sin(((to.latitude - from.latitude) * RADIANS) / 2);
  const over = Math.sin(((to.longitude - from.longitude) * RADIANS) / 2);
  const both = Math.cos(from.latitude * RADIANS) * Math.cos(to.latitude * RADIANS);
  return 2 * EARTH_KM * Math.asin(Math.sqrt(down * down + both * over * over));
}
