import { defineComponent, OrreryError } from "@orrery/core";
import { DepartureService } from "../gen/flights/v1/departure_pb.ts";
import { type FlightRow, loadFlights } from "../lib/flight-table.ts";
import { limitOf } from "../lib/limit-of.ts";
import { DEPARTURES_MAX } from "../lib/limits.ts";
import { punctualityOf } from "../lib/punctuality.ts";

export default defineComponent(DepartureService, () => {
  const byOrigin = Map.groupBy(loadFlights(), (flight) => flight.origin);
  for (const flights of byOrigin.values()) flights.sort((a, b) => a.minuteOfDay - b.minuteOfDay);
  const flightsFrom = (iata: string): readonly FlightRow[] => byOrigin.get(iata.toUpperCase()) ?? [];

  return {
    listDepartures({ iata, fromMinuteOfDay, limit }) {
      const most = limitOf("limit", limit, { otherwise: 10, max: DEPARTURES_MAX });
      const flights = flightsFrom(iata).filter((flight) => flight.minuteOfDay >= fromMinuteOfDay);
      return { departures: flights.slice(0, most) };
    },

    getPunctuality({ iata }) {
      const punctuality = punctualityOf(flightsFrom(iata));
      if (punctuality !== undefined) return punctuality;
      throw new OrreryError(
        "not_found",
        `Cannot say how punctual "${iata}" is: the records of early 2001 have no flight from there`,
      );
    },
  };
});
