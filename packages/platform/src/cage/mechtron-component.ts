import {
  bytes,
  type Component,
  type ComponentOptions,
  type Context,
  defineComponent,
  defineService,
  type InstanceHandle,
  OrreryError,
  type SchemaService,
  type Service,
} from "@orrery/core";
import { type GuestReply, type GuestRequest, STATE_SERVICE } from "@orrery/guest/abi";
import { openMessageState } from "../stateful/message-state.ts";
import type { SoleMember } from "../stateful/sole-member.ts";
import { EMPTY_STATE } from "../stateful/state.ts";
import type { Cage, MechtronOptions } from "./cage.ts";
import { createContextHost } from "./context-host.ts";
import type { GuestHost } from "./guest-host.ts";
import type { Mechtron } from "./mechtron.ts";
import { mechtronHandlers } from "./mechtron-handlers.ts";

/** What a component whose code is a mechtron's is made of. */
export interface MechtronComponentOptions extends Omit<MechtronOptions, "host"> {
  /** Where its mechtrons run. */
  readonly cage: Pick<Cage, "createMechtron">;
  /** What it serves: a contract whose methods have one reply or none, or one that `defineMechtronService` made. A method `handle` with bytes in and out takes encoded messages, as there. */
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
  return mechtronComponent(options);
}

/** Opens what a mechtron remembers, for one instance; it is closed with the instance. */
export type OpenState = (instance: InstanceHandle) => Promise<SoleMember>;

/** As `createMechtronComponent`, of one that may remember: then whoever runs it has one instance of it alone. */
export function mechtronComponent(options: MechtronComponentOptions, openState?: OpenState): Component {
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
      const kept = openState === undefined ? undefined : keptFor(instance, openState);
      const close = async () => {
        mechtron.close();
        await kept?.close();
      };
      instance.onStop(close);
      instance.onCrash(close);
      return mechtronHandlers(service, async (request, context) => {
        const { signal } = context;
        if (kept !== undefined) {
          const others: GuestHost = (call) => answer(call, context);
          const state = await kept.open();
          return await state.handle({ mechtron, request, signal, host: others, waitMs: Number.POSITIVE_INFINITY });
        }
        const state = openMessageState(EMPTY_STATE);
        return await mechtron.handle(request, {
          signal,
          host: async (call) => (call.service === STATE_SERVICE ? state.answer(call) : answer(call, context)),
        });
      }) as never;
    },
    component,
  );
}

/** What an instance remembers: opened by the first message that comes, and by the next where that failed. */
function keptFor(instance: InstanceHandle, openState: OpenState) {
  let opening: Promise<SoleMember> | undefined;
  return {
    open: () => {
      opening ??= openState(instance).catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    close: async () => (await opening?.catch(() => undefined))?.close(),
  };
}

async function refuseAll(): Promise<GuestReply> {
  throw new OrreryError("failed_precondition", "Cannot call out: no message is open");
}
