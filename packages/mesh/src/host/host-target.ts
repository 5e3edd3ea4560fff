import { type ClientNode, isOrreryError, OrreryError } from "@orrery/core";
import { HostService } from "../gen/orrery/host/v1/host_pb.ts";
import type { PlaceCalls } from "./call-counts.ts";
import type { HostPlace, HostPlan, PlanAnswer, PlanState } from "./host-core.ts";
import { hostVersion } from "./host-service.ts";
import type { KnownHost } from "./known-hosts.ts";
import type { Change, Versions } from "./release.ts";

/** What a host tells of itself to who is somewhere else. */
export interface HostReport {
  readonly running: Versions;
  readonly plan: PlanState;
  readonly places: readonly HostPlace[];
  readonly calls: readonly PlaceCalls[];
  readonly children: readonly { readonly name: string; readonly state: string; readonly text: string }[];
  /** Hosts that it knows, itself and those that are gone included; none where they were not asked for. */
  readonly hosts: readonly KnownHost[];
}

/** One host, somewhere. */
export interface HostTarget {
  readonly name: string;
  /** Tells how it stands, and with `hosts` also which hosts it knows. */
  status(asked?: { readonly hosts?: boolean }): Promise<HostReport>;
  /** Gives what would change. */
  plan(plan: HostPlan): Promise<PlanAnswer>;
  /** Begins a plan; sends what the host misses for it. */
  apply(plan: HostPlan, contents: ReadonlyMap<string, Uint8Array>): Promise<PlanAnswer>;
}

/** Options of a host somewhere. */
export interface HostTargetOptions {
  /** Key of the host, where it is of this machine. Default: none. */
  readonly key?: string;
  /** How long it may take to answer, in ms. Default: 5,000. */
  readonly timeoutMs?: number;
}

/** Makes what asks one host of the network that a node is in. */
export function createHostTarget(node: ClientNode, name: string, options: HostTargetOptions = {}): HostTarget {
  const { key = "", timeoutMs = 5_000 } = options;
  const client = node.client(HostService);
  const call = { version: hostVersion(name), timeoutMs };
  const ask = async (plan: HostPlan, onlyPlan: boolean): Promise<PlanAnswer> => {
    const { changes, missing } = await client.apply({ ...requestOf(plan), key, onlyPlan }, call);
    return { changes: changes.map(changeOf), missing };
  };
  return {
    name,
    async status({ hosts: isAsked = false } = {}) {
      const { running, plan, places, calls, children, hosts } = await client.status({ key, hosts: isAsked }, call);
      const { id = "", state = "none", text = "" } = plan ?? {};
      return {
        running: new Map(running.map(({ component, version }) => [component, version])),
        plan: { id, state: state as PlanState["state"], text },
        places: places.map(({ address, component, version }) => ({ address, component, version })),
        calls: calls.map((one) => ({ ...one, calls: Number(one.calls), failures: Number(one.failures) })),
        children: children.map((child) => ({ name: child.name, state: child.state, text: child.text })),
        hosts: hosts.map(knownHostOf),
      };
    },
    plan: (plan) => ask(plan, true),
    async apply(plan, contents) {
      const answer = await ask(plan, false);
      if (answer.missing.length === 0) return answer;
      for (const sha256 of answer.missing) {
        const content = contents.get(sha256);
        if (content !== undefined) await client.put({ key, content }, call);
      }
      const again = await ask(plan, false);
      if (again.missing.length === 0) return again;
      const text = `Cannot apply plan "${plan.id}" on host "${name}": it still misses ${again.missing.length} files, try again`;
      throw new OrreryError("unavailable", text, { kind: "bounced", definite: true });
    },
  };
}

/** Whether a host said no; else it could not be asked. */
export function isRefusal(error: unknown): boolean {
  return !isOrreryError(error) || error.kind === "error" || error.kind === "defect";
}

function requestOf(plan: HostPlan) {
  const { id, components, versions = new Map(), prune = false, stages = [], failedShareMax, callsMin } = plan;
  return {
    id,
    prune,
    stages: [...stages],
    ...(failedShareMax === undefined ? {} : { failedShareMax }),
    ...(callsMin === undefined ? {} : { callsMin }),
    components: components.map(({ name, release: { entry, files } }) => {
      return { name, entry, files: files.map((file) => ({ ...file })) };
    }),
    versions: [...versions].map(([component, version]) => ({ component, version })),
  };
}

function knownHostOf({ name, incarnation, status }: { name: string; incarnation: bigint; status: string }): KnownHost {
  return { name, incarnation: Number(incarnation), status: status as KnownHost["status"] };
}

function changeOf({
  component,
  kind,
  from,
  to,
}: {
  component: string;
  kind: string;
  from: string;
  to: string;
}): Change {
  return { component, kind: kind as Change["kind"], from, to };
}
