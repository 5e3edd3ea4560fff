import type { MessageInitShape } from "@bufbuild/protobuf";
import { OrreryError } from "@orrery/core";
import {
  type ChangeThrottleRequest,
  type CircuitSchema,
  Move,
  type MoveCircuitsRequest,
  type ThrottleSchema,
} from "../gen/orrery/operate/v1/operate_pb.ts";
import type { CircuitMove, CircuitView } from "../limits/breakers.ts";
import type { Limits } from "../limits/node-limits.ts";
import type { ThrottleRule } from "../limits/rules.ts";
import type { ThrottleView } from "../limits/throttle.ts";
import { LISTED_MAX } from "./limits.ts";

/** The breakers and throttles of a node, as operators see them. */
export function circuitsMessage(limits: Limits | undefined) {
  return {
    circuits: (limits?.circuits() ?? []).slice(0, LISTED_MAX).map(circuitMessage),
    throttles: (limits?.throttles() ?? []).slice(0, LISTED_MAX).map(throttleMessage),
    refusals: (limits?.refusals() ?? []).map(({ check, beyond, messages }) => ({
      check,
      beyond,
      messages: BigInt(messages),
    })),
  };
}

const MOVES = { [Move.OPEN]: "open", [Move.CLOSE]: "closed", [Move.RESET]: "reset" } as const;

/** Moves breakers by hand; gives those that were moved. @throws OrreryError `invalid_argument` for a move that is none. */
export function moveCircuits(limits: Limits | undefined, { group, place, to, forMs }: MoveCircuitsRequest) {
  const move = (MOVES as Readonly<Record<number, CircuitMove["to"]>>)[to];
  if (move === undefined)
    throw new OrreryError("invalid_argument", "Cannot move breakers: say to open, close or reset");
  const moved = limits?.moveCircuits(
    { group: group === "" ? "*" : group, ...(place === "" ? {} : { place }) },
    { to: move, ...(forMs > 0 ? { forMs } : {}) },
  );
  return (moved ?? []).map(circuitMessage);
}

/** Changes one throttle; gives it. @throws OrreryError `not_found` where there is none of that name, `invalid_argument` for what cannot be. */
export function changeThrottle(limits: Limits | undefined, request: ChangeThrottleRequest) {
  const { name, perSecond, concurrency } = request;
  const rules = limits?.settings.throttles ?? [];
  const rule = rules.find((one) => one.name === name);
  if (limits === undefined || rule === undefined) {
    const known = rules.length === 0 ? "it has none" : `it has ${rules.map((one) => `"${one.name}"`).join(", ")}`;
    throw new OrreryError("not_found", `Cannot change throttle "${name}": ${known}`);
  }
  const changed: ThrottleRule = {
    ...rule,
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
  limits.change({ throttles: rules.map((one) => (one === rule ? changed : one)) });
  const view = limits.throttles().find((one) => one.rule.name === name);
  return view && throttleMessage(view);
}

function circuitMessage(view: CircuitView): MessageInitShape<typeof CircuitSchema> {
  const { place, group, state, cause, failuresInRow, calls, failed, slow, opened, probeInMs } = view;
  return { place, group, state, cause, failuresInRow, calls, failed, slow, opened, probeInMs };
}

function throttleMessage({
  rule,
  passed,
  refused,
  underWay,
  wanted,
}: ThrottleView): MessageInitShape<typeof ThrottleSchema> {
  const { name, flow = "*", component = "*", method = "*", perSecond = 0, concurrency = 0, shared = false } = rule;
  return {
    ...{ name, flow, component, method, perSecond, concurrency, shared, underWay, wanted },
    passed: BigInt(passed),
    refused: BigInt(refused),
  };
}
