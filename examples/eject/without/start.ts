import { createServer } from "node:http";
import { create, fromJsonString, type Message, toJsonString } from "@bufbuild/protobuf";
import { AirportService, TripService } from "../gen/trip/v1/trip_pb.ts";
import { airports } from "./airports.ts";
import { trips } from "./trips.ts";

const handlers: Record<string, (request: never) => unknown> = { ...airports, ...trips };
const methods = [...AirportService.methods, ...TripService.methods];
const server = createServer(async (request, response) => {
  const method = methods.find(({ name, parent }) => request.url === `/${parent.typeName}/${name}`);
  response.setHeader("content-type", "application/json");
  try {
    if (method === undefined) throw new Error(`Cannot find ${request.url}`, { cause: "not_found" });
    const body = fromJsonString(method.input, Buffer.concat(await request.toArray()).toString());
    const reply = (await handlers[method.localName]?.(body as never)) as Message;
    response.end(toJsonString(method.output, create(method.output, reply)));
  } catch (thrown) {
    const { message, cause: code } = thrown as Error;
    response.writeHead(code === "not_found" ? 404 : 400).end(JSON.stringify({ code, message }));
  }
});
const opened = () => console.log(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", opened);
