import { type Component, type Context, type InstanceHandle, OrreryError } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import { type Decision, denied } from "./decide.ts";

/** What knows who may do what: a client of `RegistryService`, or a registry in this process asked by an operator. */
export interface RightsSource {
  can(question: {
    readonly agent: string;
    readonly verb: "execute";
    readonly address: string;
  }): Promise<Pick<Decision, "allowed" | "why">>;
}

/**
 * Makes a driver take messages from those alone who may `execute` the resource that a message names as its `address`. A message without one
 * is refused, so that no method is open by mistake. The driver is told of nothing that was refused.
 * @example guardDriver(lampDriver, client.client(RegistryService))
 */
export function guardDriver(component: Component, rights: RightsSource): Component {
  const { methods } = contractOf(component.service);
  const assertAllowed = async (name: string, request: unknown, { agent }: Context) => {
    const address = (request as { readonly address?: unknown } | null)?.address;
    if (typeof address !== "string" || address === "")
      throw new OrreryError(
        "invalid_argument",
        `Cannot call "${name}": its message names no resource, give its address`,
      );
    const wish = { agent, verb: "execute", address } as const;
    const { allowed, why } = await rights.can(wish);
    if (!allowed) throw denied(wish, { allowed, why, rule: "none" });
  };
  const factory = (instance: InstanceHandle) => {
    const made = component.factory(instance) as Readonly<Record<string, Handler>>;
    const guarded = [...methods.values()].flatMap(({ localName, mode }) => {
      const handler = made[localName]?.bind(made);
      if (handler === undefined) return []; // Whoever takes the handlers says that it is missing.
      const one =
        mode === "stream"
          ? async function* (request: unknown, context: Context) {
              await assertAllowed(localName, request, context);
              yield* handler(request, context) as AsyncIterable<unknown>;
            }
          : async (request: unknown, context: Context) => {
              await assertAllowed(localName, request, context);
              return handler(request, context);
            };
      return [[localName, one] as const];
    });
    return Object.fromEntries(guarded);
  };
  return Object.freeze({ ...component, factory });
}

type Handler = (request: unknown, context: Context) => unknown;
