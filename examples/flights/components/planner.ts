import { type Context, defineComponent, OrreryError } from "@orrery/core";
import { type Airport, AirportService } from "../gen/flights/v1/airport_pb.ts";
import { PlannerService, type PlanTripRequest, Preference } from "../gen/flights/v1/planner_pb.ts";
import { type Connection, RouteService } from "../gen/flights/v1/route_pb.ts";
import { type Closures, createClosures } from "../lib/closures.ts";
import { FEWEST_STEPS_KM, findPath, type Step } from "../lib/find-path.ts";
import { distanceKm, type Point } from "../lib/geo.ts";
import { limitOf } from "../lib/limit-of.ts";
import { AVOIDED_MAX, LEGS_MAX } from "../lib/limits.ts";
import { durationMs, durationOf, flightMinutes, tripMinutes } from "../lib/travel-time.ts";

/** Connections flown less often are diversions and charters. */
const FLIGHTS_PER_YEAR_MIN = 52;

export default defineComponent(
  PlannerService,
  ({ clock }) => {
    const closures = createClosures(clock);

    return {
      async planTrip(request, context) {
        const { origin, destination } = await findEnds(request, context);
        closures.assertOpen(origin.iata);
        closures.assertOpen(destination.iata);
        const path = await findTrip({ request, context, closures, origin, destination });
        const stops = await findStops(path, origin, context);
        const legs = path.map(({ flightsPerYear, distanceKm }, index) => {
          const duration = durationOf(flightMinutes(distanceKm));
          return { origin: stops[index], destination: stops[index + 1], distanceKm, flightsPerYear, duration };
        });
        return {
          legs,
          distanceKm: path.reduce((sum, leg) => sum + leg.distanceKm, 0),
          directDistanceKm: distanceKm(placeOf(origin), placeOf(destination)),
          duration: durationOf(tripMinutes(path)),
        };
      },

      noteClosure({ iata, reason, lasts }) {
        closures.note(iata, { reason, lastsMs: durationMs(lasts) });
      },
    };
  },
  // A planner waits while others answer, so two plan side by side. The broadcast of a closure reaches both.
  { instances: 2 },
);

/** Looks both ends up, side by side. */
async function findEnds(
  request: PlanTripRequest,
  context: Context,
): Promise<{ origin: Airport; destination: Airport }> {
  const { origin, destination } = request;
  if (origin.toUpperCase() === destination.toUpperCase()) {
    const text = `Cannot plan a trip from "${origin}" to "${destination}": name two different airports`;
    throw new OrreryError("invalid_argument", text);
  }
  const airports = context.client(AirportService);
  const ends = await Promise.all([airports.getAirport({ iata: origin }), airports.getAirport({ iata: destination })]);
  return { origin: ends[0], destination: ends[1] };
}

interface FindTripOptions {
  readonly request: PlanTripRequest;
  readonly context: Context;
  readonly closures: Closures;
  readonly origin: Airport;
  readonly destination: Airport;
}

async function findTrip({
  request,
  context,
  closures,
  origin,
  destination,
}: FindTripOptions): Promise<readonly Step[]> {
  const routes = context.client(RouteService);
  const avoid = new Set(request.avoid.map((code) => code.toUpperCase()));
  limitOf("avoid", request.avoid.length, { otherwise: 0, max: AVOIDED_MAX });
  const stepsMax = limitOf("legs_max", request.legsMax, { otherwise: 4, max: LEGS_MAX });
  const flightsPerYearMin = request.flightsPerYearMin ?? FLIGHTS_PER_YEAR_MIN;
  let closedOnTheWay = "";
  const path = await findPath<Step>({
    origin: { iata: origin.iata, place: placeOf(origin) },
    destination: { iata: destination.iata, place: placeOf(destination) },
    stepCostKm: request.preference === Preference.SHORTEST_DISTANCE ? 0 : FEWEST_STEPS_KM,
    stepsMax,
    mayChangeAt(iata) {
      if (closures.isClosed(iata)) closedOnTheWay = iata;
      return !avoid.has(iata) && !closures.isClosed(iata);
    },
    async stepsFrom(iata) {
      const { connections } = await routes.listConnections({ origin: iata, flightsPerYearMin });
      return connections.map((connection) => ({ ...connection, place: placeOf(connection) }));
    },
  });
  if (path !== undefined) return path;
  const what = `Cannot plan a trip from "${origin.iata}" to "${destination.iata}"`;
  if (closedOnTheWay !== "")
    throw new OrreryError(
      "failed_precondition",
      `${what}: every way leads through a closed airport, such as "${closedOnTheWay}", wait until it opens`,
    );
  throw new OrreryError(
    "not_found",
    `${what}: no way of ${stepsMax} flights is flown, allow more with legs_max or fewer airports to avoid`,
  );
}

/** Looks up where the path changes, side by side; gives every airport of the trip in order. */
async function findStops(path: readonly Step[], origin: Airport, context: Context): Promise<readonly Airport[]> {
  const airports = context.client(AirportService);
  return [origin, ...(await Promise.all(path.map((leg) => airports.getAirport({ iata: leg.destination }))))];
}

function placeOf({ place }: Airport | Connection): Point {
  return place ?? { latitude: 0, longitude: 0 };
}
