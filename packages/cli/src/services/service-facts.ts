import type { MethodContract } from "@orrery/core/internal";
import type { ReachedService } from "../reach/reach.ts";

/** What is known of a service, as `--output=json` prints it. */
export interface ServiceFacts {
  readonly name: string;
  readonly version: string;
  /** `protobuf` or `schema`. */
  readonly contract: string;
  readonly methods: readonly MethodFacts[];
  readonly instances: readonly InstanceFacts[];
}

/** One method of it. */
export interface MethodFacts {
  readonly name: string;
  readonly mode: string;
  readonly idempotent: boolean;
  readonly horizon: string;
  /** In ms; 0 where the contract does not say. */
  readonly timeoutMs: number;
  readonly fingerprint: string;
  readonly summary: string;
  /** Whether its messages outlive the process that accepted them. */
  readonly keep: boolean;
}

/** One instance of it. */
export interface InstanceFacts {
  readonly id: string;
  readonly state: string;
  readonly incarnation: number;
  readonly waiting: number;
  /** Node that it was found at. */
  readonly address: string;
}

/** Gathers what is known of a service. */
export function factsOf({ name, contract, component, copies, of }: ReachedService): ServiceFacts {
  const here = component?.instances.map(({ id, state, incarnation, waiting }) => ({
    id,
    state,
    incarnation,
    waiting,
    address: "",
  }));
  const there = copies.flatMap(({ address, described }) =>
    described.instances.map(({ id, state, incarnation, waiting }) => ({
      id,
      state,
      incarnation: Number(incarnation),
      waiting,
      address,
    })),
  );
  return {
    name,
    version: component?.version ?? copies[0]?.described.version ?? of?.version ?? "",
    contract: contract.source.kind,
    methods: [...contract.methods.values()].map(methodFacts),
    instances: here ?? there,
  };
}

function methodFacts(method: MethodContract): MethodFacts {
  const { name, mode, idempotent, horizon, timeoutMs, fingerprint, summary, keep } = method;
  return { name, mode, idempotent, horizon, timeoutMs, fingerprint, summary, keep };
}
