import { createNode, defineComponent } from "@orrery/core";
import { createHttpDoor } from "@orrery/http";
import { AirportService, TripService } from "../gen/trip/v1/trip_pb.ts";
import { airports } from "./airports.ts";
import { trips } from "./trips.ts";

const components = [defineComponent(AirportService, () => airports), defineComponent(TripService, () => trips)];
const node = createNode({ components });
await node.start();
const door = createHttpDoor({ node, services: [AirportService, TripService] });
console.log(await door.listen({ port: Number(process.env["PORT"] ?? 8080) }));
