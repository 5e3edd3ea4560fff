export type { Authenticate } from "./call-options.ts";
export { fromConnectError, toConnectError } from "./connect-error.ts";
export { ANSWER_HEADERS, CALL_HEADERS, type CorsOptions } from "./cors.ts";
export { describedServices } from "./described-services.ts";
export { descriptorSetOf } from "./descriptor-set.ts";
export {
  createHttpDoor,
  DOOR_PAGES,
  type DoorPage,
  type DoorPageRequest,
  type HttpDoor,
  type HttpDoorOptions,
  type ListenOptions,
} from "./door.ts";
export { type RequestFields, requestFields } from "./header-fields.ts";
export {
  createJsonCaller,
  type JsonCaller,
  type JsonCallerOptions,
  type JsonCallOptions,
  type JsonCallSource,
  type JsonMethod,
  type JsonPieces,
  type ServiceReply,
  type ServiceRequest,
} from "./json-caller.ts";
export type { JsonSchema } from "./message-schema.ts";
export { createOpenApi, type OpenApiCall, type OpenApiOptions } from "./openapi.ts";
export { isPlainest, type PlainestCall, type PlainestOptions } from "./plainest-calls.ts";
export type { NodeRequest, NodeResponse } from "./request.ts";
export { createHttpClient, type HttpCall, type HttpClient, type HttpClientOptions } from "./system-http-client.ts";
export type { DoorCall, DoorConnection, DoorWatch } from "./watch.ts";
