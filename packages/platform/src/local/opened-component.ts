import { type Component, type Context, defineComponent, type InstanceHandle, type Service } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";

/** Opens what a component is made over, as one of its instances starts. */
export type OpenComponent = (instance: InstanceHandle) => Promise<Component>;

/** A component that is made over what must be opened first. */
export interface OpenedComponentOptions extends Pick<Component, "options"> {
  readonly service: Service;
  readonly open: OpenComponent;
  /** What answers those who are no components, such as commands. Default: the same. */
  readonly openForOthers?: OpenComponent;
}

type Handler = (request: unknown, context: Context) => unknown;
type Made = Readonly<Record<string, Handler>>;

/** Makes a component whose handlers are there when it has started. Those who call from outside may be answered by others than components are. */
export function openedComponent({ service, options, open, openForOthers = open }: OpenedComponentOptions): Component {
  const { methods } = contractOf(service);
  return defineComponent(
    service,
    (instance) => {
      let own: Made = {};
      let others: Made = {};
      instance.onStart(async () => {
        own = (await open(instance)).factory(instance) as Made;
        others = openForOthers === open ? own : ((await openForOthers(instance)).factory(instance) as Made);
      });
      const handlerOf = (name: string, { source }: Context) => (source.instance === "" ? others : own)[name] as Handler;
      const handlers = [...methods.values()].map(({ localName, mode }) => {
        const handler =
          mode === "stream"
            ? async function* (request: unknown, context: Context) {
                yield* handlerOf(localName, context)(request, context) as AsyncIterable<unknown>;
              }
            : (request: unknown, context: Context) => handlerOf(localName, context)(request, context);
        return [localName, handler] as const;
      });
      return Object.fromEntries(handlers) as never;
    },
    options,
  );
}
