import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { AirportService } from "../gen/flights/v1/airport_pb.ts";
import { DepartureService } from "../gen/flights/v1/departure_pb.ts";
import { FeedService } from "../gen/flights/v1/feed_pb.ts";
import { PlannerService } from "../gen/flights/v1/planner_pb.ts";
import { RouteService } from "../gen/flights/v1/route_pb.ts";

const transport = createConnectTransport({ baseUrl: location.origin });

/** The five services behind the door that served the page. */
export const airports = createClient(AirportService, transport);
export const departures = createClient(DepartureService, transport);
export const feed = createClient(FeedService, transport);
export const planner = createClient(PlannerService, transport);
export const routes = createClient(RouteService, transport);
