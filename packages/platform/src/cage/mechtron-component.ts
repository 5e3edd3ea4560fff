import {
  bytes,
  type Component,
  type ComponentOptions,
  type Context,
  defineComponent,
  defineService,
  OrreryError,
  type SchemaService,
  type Service,
} from "@orrery/core";
import { type GuestReply, type GuestRequest, STATE_SERVICE } from "@orrery/guest/abi";
import { openMessageState } from "../stateful/message-state.ts";
import { EMPTY_STATE } from "../stateful/state.ts";
import type { Cage, MechtronOptions } from "./cage.ts";
import { createContextHost } from "./context-host.ts";
import type { Mechtron } from "./mechtron.ts";
import { mechtronHandlers } from "./mechtron-handlers.ts";

/** What a component whose code is a mechtron's is made of. */
export interface MechtronComponentOptions extends Omit<MechtronOptions, "host"> {
  /** Where its mechtrons run. */
  readonly cage: Cage;
  /** What it serves: a contract whose methods have one reply or none, or one that `defineMechtronService` made. */
  readonly service: Service;
  /** What it may call. Default: nothing. */
  readonly calls?: readonly Service[];
  /** Answers what it calls of services that `calls` has not; gives undefined for what it does not know. Default: nothing. */
  readonly host?: (request: GuestRequest, context: Context) => Promise<GuestReply> | undefined;
  /** Told of each instance's mechtron, so that what it uses can be counted. Default: nobody is told. */
  readonly onMechtron?: (mechtron: Mechtron) => void;
  /** As every component has them. */
  readonly component?: ComponentOptions;
}

/** The service of a mechtron that answers whatever it is handed, such as HTTP: encoded requests and replies of `@orrery/guest/abi`. */
export function defineMechtronService(name: string): SchemaService<{
  readonly handle: { readonly request: typeof bytes; readonly reply: typeof bytes };
}> {
  return defineService(name, { handle: { request: bytes, reply: bytes } });
}

/**
 * Makes an ordinary component of a mechtron: each of its instances has a mechtron of its own in the cage, so that queues, deadlines, chains
 * of calls and supervision are those of every component. What it puts into its state is gone with the message.
 * @throws OrreryError `invalid_argument` for code, limits or a contract that cannot be accepted.
 */
export function createMechtronComponent(options: MechtronComponentOptions): Component {
  const { cage, service, calls, host, onMechtron, component, ...rest } = options;
  const answer = createContextHost({ calls, host });
  mechtronHandlers(service, refuseAll);
  cage.createMechtron({ ...rest, host: refuseAll }).close(); // So that bad code is refused here, and not at each start.

  return defineComponent(
    service,
    (instance) => {
      const { clock, random, log } = instance;
      const mechtron = cage.createMechtron({ clock, random, log, ...rest, host: refuseAll });
      onMechtron?.(mechtron);
      instance.onStop(() => mechtron.close());
      instance.onCrash(() => mechtron.close());
      return mechtronHandlers(service, (request, context) => {
        const state = openMessageState(EMPTY_STATE);
        return mechtron.handle(request, {
          signal: context.signal,
          host: async (call) => (call.service === STATE_SERVICE ? state.answer(call) : answer(call, context)),
        });
      }) as never;
    },
    component,
  );
}

async function refuseAll(): Promise<GuestReply> {
  throw new OrreryError("failed_precondition", "Cannot call out: no message is open");
}
