import { fromJson, type JsonValue as ProtobufJson, toJson } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import { type Component, defineComponent, type JsonValue, OrreryError } from "@orrery/core";
import { ConfigService, type SetStep } from "../gen/orrery/config/v1/config_pb.ts";
import type { Config, ConfigChange, ConfigStep } from "./config.ts";
import { CONFIG_INSTANCES } from "./limits.ts";

/** Makes the component by which a network uses config: `orrery.config.v1.ConfigService`. Whoever calls is whoever the message's agent says. */
export function createConfigComponent(config: Config): Component {
  return defineComponent(
    ConfigService,
    () => ({
      get: async (request, { agent }) => {
        const { value, version, secretPaths } = await config.get(request, { agent });
        return { value: valueMessage(value), version: BigInt(version), secretPaths: [...secretPaths] };
      },
      set: async ({ space, scope, steps, ifVersion }, { agent }) => {
        const at = ifVersion === undefined ? {} : { ifVersion: Number(ifVersion) };
        const { version, changed } = await config.set({ space, scope, steps: steps.map(stepOf), ...at }, { agent });
        return { version: BigInt(version), changed };
      },
      history: async ({ space, scope, path, before, limit }, { agent }) => {
        const from = before === 0n ? {} : { before: Number(before) };
        const most = limit === 0 ? {} : { limit };
        const { changes, next = 0 } = await config.history({ space, scope, path, ...from, ...most }, { agent });
        return { changes: changes.map(changeMessage), next: BigInt(next) };
      },
      async *watch({ space, scope, path, after }, { agent, signal }) {
        const from = after === undefined ? {} : { after: Number(after) };
        for await (const { change, version } of config.watch({ space, scope, path, ...from }, { agent, signal }))
          yield { version: BigInt(version), ...(change === undefined ? {} : { change: changeMessage(change) }) };
      },
    }),
    { instances: CONFIG_INSTANCES, streams: "beside" },
  );
}

function valueMessage(value: JsonValue): Value {
  return fromJson(ValueSchema, value as ProtobufJson);
}

function stepOf({ path, value, secret, remove }: SetStep): ConfigStep {
  const isSaid = value?.kind.case !== undefined;
  if (remove && !isSaid && !secret) return { path, remove };
  if (isSaid && !remove) return { path, value: toJson(ValueSchema, value) as JsonValue, secret };
  const why = remove ? "it is to be removed and set at once" : "it has no value, give one, or say remove";
  throw new OrreryError("invalid_argument", `Cannot set config "${path}": ${why}`);
}

function changeMessage({ version, at, agent, paths }: ConfigChange) {
  return {
    version: BigInt(version),
    atMs: BigInt(at),
    agent,
    paths: paths.map(({ path, value, secret = false, removed = false }) => {
      return { path, secret, removed, ...(value === undefined ? {} : { value: valueMessage(value) }) };
    }),
  };
}
