import { defineComponent, OrreryError } from "@orrery/core";
import { AirportService } from "../gen/flights/v1/airport_pb.ts";
import { type AirportRow, loadAirports, nearestAirports, searchAirports } from "../lib/airport-table.ts";
import { limitOf } from "../lib/limit-of.ts";
import { AIRPORTS_FOUND_MAX, PAGE_AIRPORTS_MAX } from "../lib/limits.ts";

export default defineComponent(AirportService, () => {
  const airports = loadAirports();
  const served = [...airports.values()].filter(isServed);
  const candidates = (servedOnly: boolean) => (servedOnly ? served : airports.values());

  return {
    getAirport({ iata }) {
      const airport = airports.get(iata.toUpperCase());
      if (airport !== undefined) return airport;
      throw new OrreryError(
        "not_found",
        `Cannot find airport "${iata}": no airport has that code, look for its city with SearchAirports`,
      );
    },

    searchAirports({ query, limit, servedOnly }) {
      const most = limitOf("limit", limit, { otherwise: 10, max: AIRPORTS_FOUND_MAX });
      return { airports: searchAirports(candidates(servedOnly), query).slice(0, most) };
    },

    listNearestAirports({ place, limit, servedOnly }) {
      const most = limitOf("limit", limit, { otherwise: 5, max: AIRPORTS_FOUND_MAX });
      if (place === undefined || !(Math.abs(place.latitude) <= 90) || !(Math.abs(place.longitude) <= 180)) {
        const why = "place is no point on the Earth, give latitude from -90 to 90 and longitude from -180 to 180";
        throw new OrreryError("invalid_argument", `Cannot find the nearest airports: ${why}`);
      }
      return { airports: nearestAirports(candidates(servedOnly), place).slice(0, most) };
    },

    listAirports({ state, servedOnly, pageSize, pageToken }) {
      const most = limitOf("page_size", pageSize, { otherwise: 100, max: PAGE_AIRPORTS_MAX });
      // The token is the last code of the page before; codes never change places.
      const rest = [...candidates(servedOnly)].filter(
        (airport) => airport.iata > pageToken && (state === "" || airport.state === state.toUpperCase()),
      );
      const page = rest.slice(0, most);
      return { airports: page, nextPageToken: rest.length > most ? (page.at(-1)?.iata ?? "") : "" };
    },
  };
});

function isServed(airport: AirportRow): boolean {
  return airport.departuresPerYear > 0;
}
