import { type Component, type Context, defineComponent, defineService, json } from "@orrery/core";
import type { Begun } from "./operation.ts";

/** What every request says: its operation, and the network of whoever sent it. */
interface Sent {
  readonly op: number;
  readonly from: string;
}

/** Who answered. */
interface Answered {
  readonly by: string;
}

/** Serves every mode; networks let one another call it. */
export const Ledger = defineService("ledger", {
  write: { request: json<Sent>(), reply: json<Answered>() },
  note: { request: json<Sent>(), mode: "async" },
  keep: { request: json<Sent>(), mode: "async", keep: true },
  count: { request: json<Sent & { readonly to: number }>(), reply: json<{ value: number }>(), mode: "stream" },
  tell: { request: json<Sent>(), mode: "broadcast" },
});

/** Leads to a second call, from where it runs. */
export const Front = defineService("front", { ask: { request: json<Sent>(), reply: json<Answered>() } });

/** Is never to be called from another network. */
export const Vault = defineService("vault", { open: { request: json<Sent>(), reply: json<Answered>() } });

/** How a handler began for an operation, somewhere in three networks. */
export interface CrossedBegun extends Begun {
  readonly network: string;
  /** Network of whoever sent the message. */
  readonly from: string;
  readonly agent: string;
  readonly instance: string;
  readonly attempt: number;
}

/** Where a server runs, and what it notes. */
export interface ServerPlace {
  readonly node: string;
  readonly network: string;
  readonly version: string;
  readonly begun: (op: number, begun: CrossedBegun) => void;
  /** Told when a kept message has been handled to its end. */
  readonly handled: (op: number) => void;
}

/** The components of a server. */
export function serversOf({ node: by, network, version, begun, handled }: ServerPlace): readonly Component[] {
  const begin = (component: string, { op, from }: Sent, context: Context) => {
    const { deadline, clock, agent, instance, attempt } = context;
    const leftMs = deadline === 0 ? Number.POSITIVE_INFINITY : deadline - clock.monotonic();
    begun(op, { component, node: by, machine: by, network, version, leftMs, from, agent, instance, attempt });
  };
  const ledger = defineComponent(
    Ledger,
    () => ({
      async write(request, context) {
        begin("ledger", request, context);
        await context.clock.sleep(2, context.signal);
        return { by };
      },
      note: (request, context) => begin("ledger", request, context),
      async keep(request, context) {
        begin("ledger", request, context);
        await context.clock.sleep(50);
        handled(request.op);
      },
      async *count(request, context) {
        begin("ledger", request, context);
        for (let value = 1; value <= request.to; value++) {
          await context.clock.sleep(1, context.signal);
          yield { value };
        }
      },
      tell: (request, context) => begin("ledger", request, context),
    }),
    { version, instances: 2 },
  );
  const front = defineComponent(
    Front,
    () => ({
      async ask(request, context) {
        begin("front", request, context);
        return context.client(Ledger).write({ op: request.op, from: network });
      },
    }),
    { version },
  );
  const vault = defineComponent(
    Vault,
    () => ({
      open(request, context) {
        begin("vault", request, context);
        return { by };
      },
    }),
    { version },
  );
  return [ledger, front, vault];
}
