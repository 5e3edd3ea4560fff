import { defineComponent, OrreryError } from "@orrery/core";
import { RouteService } from "../gen/flights/v1/route_pb.ts";
import { loadAirports } from "../lib/airport-table.ts";
import { limitOf } from "../lib/limit-of.ts";
import { BUSIEST_MAX } from "../lib/limits.ts";
import { byFlights, loadRoutes } from "../lib/route-table.ts";

export default defineComponent(RouteService, () => {
  const routes = loadRoutes(loadAirports());
  const busiest = [...routes.values()].flat().sort(byFlights);

  return {
    listConnections({ origin, flightsPerYearMin }) {
      const connections = routes.get(origin.toUpperCase()) ?? [];
      return { connections: connections.filter((connection) => connection.flightsPerYear >= flightsPerYearMin) };
    },

    getConnection({ origin, destination }) {
      const [from, to] = [origin.toUpperCase(), destination.toUpperCase()];
      const connection = routes.get(from)?.find((candidate) => candidate.destination === to);
      if (connection !== undefined) return connection;
      throw new OrreryError(
        "not_found",
        `Cannot find a connection from "${origin}" to "${destination}": nobody flies it, plan a trip with PlanTrip`,
      );
    },

    listBusiest({ limit }) {
      return { connections: busiest.slice(0, limitOf("limit", limit, { otherwise: 20, max: BUSIEST_MAX })) };
    },
  };
});
