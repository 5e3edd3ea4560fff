import {
  bytes,
  type ClientNode,
  type Component,
  type Context,
  defineComponent,
  defineService,
  json,
  type SendOptions,
  type Service,
} from "@orrery/core";
import { RelayService } from "../gen/relay/v1/relay_pb.ts";
import { createRelay } from "./relay.ts";

/** Numbers from 0 to 255, as a message holds them: whoever changes them changes the message. */
export type Data = Uint8Array | number[];

/** Is shown the data of each message that came to a handler, and what came with it. */
export type DataWitness = (data: Data, context: Context) => void;

/** One way to write a body, with a component that gives back what it gets. */
export interface BodyForm {
  readonly what: string;
  readonly service: Service;
  /** As the head of a message has it. */
  readonly contentType: string;
  component(witness: DataWitness): Component;
  /** Data as the form's messages hold it. */
  dataOf(numbers: readonly number[]): Data;
  /** Sends data itself, not a copy, and gives the data of the reply. */
  echo(node: ClientNode, data: Data, options?: SendOptions): Promise<Data>;
  /** How plain HTTP carries data: path, media type, and bodies. */
  readonly http: {
    readonly path: string;
    readonly type: string;
    write(numbers: readonly number[]): string | Uint8Array<ArrayBuffer>;
    read(body: Uint8Array): readonly number[];
  };
}

const Json = defineService("echo.Json", {
  Echo: { request: json<{ data: number[] }>(), reply: json<{ data: number[] }>() },
});
const Raw = defineService("echo.Raw", { Echo: { request: bytes, reply: bytes } });

const protobuf: BodyForm = {
  what: "protobuf",
  service: RelayService,
  contentType: "",
  component: (witness) => createRelay({}, (payload, context) => witness(payload?.data ?? [], context)),
  dataOf: (numbers) => new Uint8Array(numbers),
  async echo(node, data, options) {
    const payload = { data: data as Uint8Array };
    return (await node.client(RelayService).echo({ payload }, options)).payload?.data ?? [];
  },
  http: {
    path: "relay.v1.RelayService/Echo",
    type: "application/json",
    write: (numbers) => JSON.stringify({ payload: { data: Buffer.from(numbers).toString("base64") } }),
    read: (body) => [...Buffer.from(parse(body).payload.data, "base64")],
  },
};

const asJson: BodyForm = {
  what: "JSON",
  service: Json,
  contentType: "application/json",
  component: (witness) => {
    return defineComponent(Json, () => ({
      Echo(request, context) {
        witness(request.data, context);
        return request;
      },
    }));
  },
  dataOf: (numbers) => [...numbers],
  echo: async (node, data, options) => (await node.client(Json).Echo({ data: data as number[] }, options)).data,
  http: {
    path: "echo.Json/Echo",
    type: "application/json",
    write: (numbers) => JSON.stringify({ data: numbers }),
    read: (body) => parse(body).data,
  },
};

const raw: BodyForm = {
  what: "raw bytes",
  service: Raw,
  contentType: "application/octet-stream",
  component: (witness) => {
    return defineComponent(Raw, () => ({
      Echo(request, context) {
        witness(request, context);
        return request;
      },
    }));
  },
  dataOf: (numbers) => new Uint8Array(numbers),
  echo: (node, data, options) => node.client(Raw).Echo(data as Uint8Array, options),
  http: {
    path: "echo.Raw/Echo",
    type: "application/octet-stream",
    write: (numbers) => new Uint8Array(numbers),
    read: (body) => [...body],
  },
};

/** Every form of a body. */
export const BODY_FORMS: readonly BodyForm[] = [protobuf, asJson, raw];

function parse(body: Uint8Array) {
  return JSON.parse(new TextDecoder().decode(body));
}
