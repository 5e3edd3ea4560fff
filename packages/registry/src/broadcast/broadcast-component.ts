import { create, fromJson, type JsonValue as ProtobufJson, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { type Component, defineComponent } from "@orrery/core";
import { BroadcastService, FollowResponseSchema } from "../gen/orrery/registry/v1/broadcast_pb.ts";
import { BROADCAST_INSTANCES } from "../limits.ts";
import { withPauses } from "../service/with-pauses.ts";
import type { BroadcastItem, Broadcasts } from "./broadcasts.ts";

/**
 * Makes the component by which a network sends to broadcasts and watches them: `orrery.registry.v1.BroadcastService`. It runs beside the
 * registry's own; whoever calls is whoever the message's agent says.
 */
export function createBroadcastComponent(broadcasts: Broadcasts): Component {
  return defineComponent(
    BroadcastService,
    ({ clock }) => ({
      send: async ({ address, method, message }, { agent }) => {
        const said = message?.kind.case === undefined ? {} : { message: toJson(ValueSchema, message) };
        return broadcasts.send({ address, method, ...said }, { agent });
      },
      async *follow({ address }, { agent, signal }) {
        const items = await broadcasts.follow({ address }, { agent, signal });
        yield {};
        for await (const item of withPauses(items, clock)) yield followResponse(item);
      },
    }),
    { instances: BROADCAST_INSTANCES, streams: "beside" },
  );
}

function followResponse(item: BroadcastItem | undefined) {
  const { missed = 0, message } = item ?? {};
  if (message === undefined) return create(FollowResponseSchema, { missed });
  const { at, message: said, ...rest } = message;
  const value = said === undefined ? {} : { message: fromJson(ValueSchema, said as ProtobufJson) };
  return create(FollowResponseSchema, { missed, message: { ...rest, ...value, atMs: BigInt(at) } });
}
