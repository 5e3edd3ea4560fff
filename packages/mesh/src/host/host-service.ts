import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Component, type Context, defineComponent, OrreryError } from "@orrery/core";
import type { MemberView } from "../discovery/gossip-directory.ts";
import { type ApplyRequest, HostService, type StatusResponseSchema } from "../gen/orrery/host/v1/host_pb.ts";
import type { HostCore, HostPlan, HostStatus } from "./host-core.ts";
import type { KnownHost } from "./known-hosts.ts";
import { HOST_INSTANCES } from "./limits.ts";
import type { ReleaseStore } from "./release.ts";

/** Options of the component by which people and programs change what hosts run. */
export interface HostServiceOptions {
  readonly name: string;
  readonly core: Pick<HostCore, "status" | "plan" | "apply">;
  readonly releases: ReleaseStore;
  /** Nodes that the host knows, those that are gone included. */
  readonly members: () => readonly MemberView[];
  /** Agents that may ask. */
  readonly operators: () => readonly string[];
  /** Who knows it may ask, whoever it is. */
  readonly key: string;
}

/** Version of the component that a host serves, by which it can be asked of many. */
export function hostVersion(name: string): string {
  return `1.0.0-${name}`;
}

/** Name of the host that serves a version; undefined when it is none. */
export function hostOf(version: string): string | undefined {
  return version.startsWith("1.0.0-") ? version.slice("1.0.0-".length) : undefined;
}

/** Hosts among nodes. */
function hostsAmong(members: readonly MemberView[]): readonly KnownHost[] {
  return members.flatMap(({ incarnation, status, components }) => {
    const own = components.find(({ name, network }) => name === HostService.typeName && network === undefined);
    const name = hostOf(own?.version ?? "");
    return name === undefined ? [] : [{ name, incarnation, status }];
  });
}

/** Makes the component `orrery.host.v1.HostService`. Whoever is no operator and does not know the key is refused everything. */
export function createHostService(options: HostServiceOptions): Component {
  const { name, core, releases, members } = options;
  return defineComponent(
    HostService,
    () => ({
      status(request, context) {
        assertMay("ask", request.key, context, options);
        return statusOf(core.status(), request.hosts ? hostsAmong(members()) : []);
      },
      put(request, context) {
        assertMay("send code to", request.key, context, options);
        return { sha256: releases.put(request.content) };
      },
      apply(request, context) {
        assertMay("change", request.key, context, options);
        const plan = planOf(request);
        const { changes, missing } = request.onlyPlan ? core.plan(plan) : core.apply(plan);
        return { changes: [...changes], missing: [...missing] };
      },
    }),
    { version: hostVersion(name), instances: HOST_INSTANCES },
  );
}

function assertMay(what: string, key: string, { agent }: Context, options: HostServiceOptions): void {
  const { name, operators } = options;
  if (operators().includes(agent) || (options.key !== "" && key === options.key)) return;
  const text = `Cannot ${what} host "${name}" as "${agent}": it is none of its operators, name it under operators in its host.yaml`;
  throw new OrreryError("permission_denied", text);
}

function planOf({ id, components, versions, prune, stages, failedShareMax, callsMin }: ApplyRequest): HostPlan {
  return {
    id,
    prune,
    components: components.map(({ name, entry, files }) => ({
      name,
      release: { entry, files: files.map(({ path, sha256, bytes }) => ({ path, sha256, bytes })) },
    })),
    versions: new Map(versions.map(({ component, version }) => [component, version])),
    ...(stages.length === 0 ? {} : { stages }),
    ...(failedShareMax === undefined ? {} : { failedShareMax }),
    ...(callsMin === undefined ? {} : { callsMin }),
  };
}

function statusOf(
  { name, running, plan, places, calls, children }: HostStatus,
  hosts: readonly KnownHost[],
): MessageInitShape<typeof StatusResponseSchema> {
  return {
    hosts: hosts.map((one) => ({ ...one, incarnation: BigInt(one.incarnation) })),
    host: name,
    running: [...running].map(([component, version]) => ({ component, version })),
    plan: { ...plan },
    places: places.map((place) => ({ ...place })),
    calls: calls.map((one) => ({ address: one.address, calls: BigInt(one.calls), failures: BigInt(one.failures) })),
    children: children.map((child) => ({
      name: child.name,
      state: child.state,
      pid: child.pid,
      restarts: child.restarts,
      text: child.cause || (child.exits.at(-1)?.text ?? ""),
    })),
  };
}
