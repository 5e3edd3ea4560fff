import type { Directory, Horizon, HorizonScope, Node } from "@orrery/core";
import { OrreryError } from "@orrery/core";
import type { ExplainRequest } from "../gen/orrery/operate/v1/operate_pb.ts";
import { explainHorizon } from "../horizon/combine-horizons.ts";
import type { Limits } from "../limits/node-limits.ts";
import { isGossip } from "./node-views.ts";

/** What an explanation is made from. */
export interface ExplainParts {
  readonly node: Node;
  readonly directory: Directory | undefined;
  readonly limits: Limits | undefined;
}

const SCOPES: readonly string[] = ["", "process", "host", "network", "any"];

/** Says where a message might go from a node, and why not elsewhere. @throws OrreryError `invalid_argument` for a scope that is none. */
export function explainRoute({ node, directory, limits }: ExplainParts, request: ExplainRequest) {
  const { component, method, flow, version, scope, distanceMs } = request;
  if (!SCOPES.includes(scope))
    throw new OrreryError(
      "invalid_argument",
      `Cannot explain: "${scope}" is no scope, write process, host, network or any`,
    );
  const message: Partial<Horizon> = {
    ...(scope === "" ? {} : { scope: scope as HorizonScope }),
    ...(distanceMs > 0 ? { distanceMs } : {}),
  };
  const asked = { message };
  const explained = limits?.explainHorizon(asked, { component, method, flow }) ?? explainHorizon(asked);
  const { horizon, text } = explained;
  const candidates = isGossip(directory)
    ? directory
        .explain(component, { version, ...(horizon && { horizon }) })
        .candidates.map(({ leftOut, ...place }) => ({
          ...place,
          stage: leftOut?.stage ?? "",
          why: leftOut?.why ?? "",
        }))
    : tableCandidates(node, directory, component);
  return { candidates, horizon: text };
}

/** A table says where a component is, and nothing more of it. */
function tableCandidates(node: Node, directory: Directory | undefined, component: string) {
  const own = node.components().find(({ name }) => name === component);
  const here = own && {
    node: node.name,
    address: "",
    version: own.version,
    nearness: "process",
    stage: own.capacity.instances === 0 ? "capacity" : "",
    why: own.capacity.instances === 0 ? "its capacity here is 0 instances" : "",
  };
  const there = (directory?.resolve(component) ?? []).filter((address) => !node.addresses.includes(address));
  const isHere = here !== undefined && here.stage === "";
  const others = there.map((address) => ({
    node: "",
    address,
    nearness: "network",
    stage: isHere ? "near" : "",
    why: isHere ? "the node itself serves it" : "",
  }));
  return [...(here === undefined ? [] : [here]), ...others];
}
