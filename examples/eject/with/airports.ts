import { OrreryError } from "@orrery/core";
import type { GetAirportRequest } from "../gen/trip/v1/trip_pb.ts";

const AIRPORTS = new Map([
  ["SEA", { iata: "SEA", city: "Seattle", latitude: 47.449, longitude: -122.309 }],
  ["ATL", { iata: "ATL", city: "Atlanta", latitude: 33.64, longitude: -84.427 }],
  ["EYW", { iata: "EYW", city: "Key West", latitude: 24.556, longitude: -81.76 }],
]);

/** Handlers of the airports. */
export const airports = {
  getAirport({ iata }: Pick<GetAirportRequest, "iata">) {
    const airport = AIRPORTS.get(iata);
    if (airport !== undefined) return airport;
    throw new OrreryError("not_found", `Cannot find airport "${iata}": try ${[...AIRPORTS.keys()].join(", ")}`);
  },
};
