import { type ClientNode, type Component, defineComponent, OrreryError, type Service } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import type { Coordinator, Member } from "@orrery/sim/internal";
import { OUTSIDE } from "./world-source.ts";

/** Options of what lets calls into a world. */
export interface OutsideOptions {
  /** The member that hosts the node from which they come. */
  readonly member: Member;
  readonly coordinator: Coordinator;
}

type Method = (request: unknown) => Promise<unknown>;

/**
 * Makes a component that takes the calls of a service from outside and makes them within the world, at the moment that it has come to. A call
 * waits while the clock does, and its time is the world's.
 */
export function createOutside(service: Service, { member, coordinator }: OutsideOptions): Component {
  const contract = contractOf(service);
  const into = (act: (node: ClientNode) => unknown) =>
    new Promise((resolve, reject) => {
      member.inject(OUTSIDE, ({ life }) => Promise.try(act, life).then(resolve, reject));
      coordinator.wake();
    });
  const handlers = [...contract.methods.values()].map(({ localName, mode }) => {
    const clientOf = (node: ClientNode) => (mode === "sync" ? node.client(service) : node.send(service));
    const handle = (request: unknown) =>
      into((node) => (clientOf(node) as unknown as Record<string, Method>)[localName]?.(request));
    const refuse = () => {
      const text = `Cannot call ${contract.name}.${localName} from outside of the world: only replies and one-way messages come in, not a ${mode}`;
      throw new OrreryError("unimplemented", text);
    };
    return [localName, mode === "sync" || mode === "async" ? handle : refuse] as const;
  });
  return defineComponent(service, () => Object.fromEntries(handlers) as never, { instances: CALLS_MAX });
}

/** Calls of one service from outside that may be open at once; others wait. */
const CALLS_MAX = 64;
