import { fromJson, type JsonValue, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { type Component, defineComponent, OrreryError } from "@orrery/core";
import { withPauses } from "@orrery/registry";
import { BrokerService, type PublishRequest, type SubscribeResponseSchema } from "../gen/orrery/broker/v1/broker_pb.ts";
import type { Spaces } from "../spaces/spaces.ts";
import type { Broker, BrokerItem, BrokerPost } from "./broker.ts";
import { BROKER_INSTANCES } from "./limits.ts";

/** What a broker component serves. */
export interface BrokerComponentOptions {
  /** What is served. */
  readonly broker: Broker;
  /** Says which Space is meant, and whether the caller may. */
  readonly spaces: Spaces;
}

const JSON_TYPE = "application/json";

/** Makes the component of `orrery.broker.v1.BrokerService`. Whoever may `execute` a topic publishes to it, whoever may `read` it subscribes. */
export function createBrokerComponent({ broker, spaces }: BrokerComponentOptions): Component {
  const enter = async (
    { space, topic }: { readonly space: string; readonly topic: string },
    verb: "execute" | "read",
    agent: string,
  ) => {
    const { id } = await spaces.enter({ space, service: "broker", part: [topic], verb }, { agent });
    return { space: id, topic };
  };
  return defineComponent(
    BrokerService,
    ({ clock }) => ({
      publish: async (request, { agent }) => {
        broker.publish(await enter(request, "execute", agent), postOf(request), { agent });
        return {};
      },
      async *subscribe(request, { agent, signal }) {
        const topic = await enter(request, "read", agent);
        const check = async () => {
          if ((await enter(request, "read", agent)).space !== topic.space)
            throw new OrreryError("not_found", `Cannot go on with "${request.topic}": its space was removed`);
        };
        const items = await broker.subscribe(topic, { queue: request.queue, signal, check });
        yield {};
        for await (const item of withPauses(items, clock))
          yield item === undefined ? {} : itemMessage(item, request.topic);
      },
    }),
    { instances: BROKER_INSTANCES, streams: "beside" },
  );
}

function postOf({ headers, content }: PublishRequest): BrokerPost {
  if (content.case !== "message")
    return { headers, contentType: "application/octet-stream", body: content.value ?? new Uint8Array() };
  const body = new TextEncoder().encode(JSON.stringify(toJson(ValueSchema, content.value)));
  return { headers, contentType: JSON_TYPE, body };
}

function itemMessage({ missed, message }: BrokerItem, topic: string): MessageInitShape<typeof SubscribeResponseSchema> {
  if (message === undefined) return { missed };
  const { headers, contentType, body, agent, at } = message;
  const content =
    contentType === JSON_TYPE
      ? {
          case: "message" as const,
          value: fromJson(ValueSchema, JSON.parse(new TextDecoder().decode(body)) as JsonValue),
        }
      : { case: "body" as const, value: body };
  return { missed, message: { topic, headers, content, agent, atMs: BigInt(at) } };
}
