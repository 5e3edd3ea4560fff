import {
  type ComponentView,
  createNode,
  createSystemClock,
  type Directory,
  type LogSink,
  type Node,
} from "@orrery/core";
import { captureTransport } from "@orrery/core/internal";
import { createZmqTransport } from "@orrery/zmq";
import type { App, AppComponent, LaunchOptions } from "./app.ts";
import { createCaptureFile } from "./capture-file.ts";
import { chooseInstances } from "./choose-instances.ts";
import { createLiveDirectory, tableOf } from "./live-directory.ts";
import { type LoadedComponent, loadComponents } from "./load-components.ts";
import { ownPid } from "./system-process.ts";

/** Options of a launch within this process. */
export interface LaunchHereOptions extends LaunchOptions {
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
}

/**
 * Runs components in this process. With nothing to listen at and no directory it opens no socket at all.
 * @throws OrreryError as `loadComponents` and the start of a node; nothing runs then.
 */
export async function launchHere(options: LaunchHereOptions): Promise<App & { readonly node: Node }> {
  const { cwd, listen, directory, log, agent, capture } = options;
  const loaded = await loadComponents(options.paths, { cwd });
  const counts = chooseInstances(loaded.map(choosable), options.instances);
  const clock = createSystemClock();
  const recorder = capture === undefined ? undefined : createCaptureFile(capture);
  const zmq = listen === undefined && directory === undefined ? undefined : createZmqTransport({ clock });
  const transport =
    zmq === undefined || recorder === undefined ? zmq : captureTransport(zmq, { clock, sink: recorder.write });
  const node = createNode({
    clock,
    components: loaded.map(({ component, name }) => ({
      ...component,
      options: { ...component.options, instances: counts.get(name) ?? 1 },
    })),
    transports: transport === undefined ? [] : [transport],
    listen: listen === undefined ? [] : [listen],
    ...(directory === undefined ? {} : { directory }),
    ...(log === undefined ? {} : { log }),
    ...(agent === undefined ? {} : { agent }),
  });
  await node.start();
  const stop = async (stopOptions?: { timeoutMs?: number }) => {
    await node.stop(stopOptions);
    recorder?.close();
  };
  const places = createLiveDirectory(placesOf(loaded, node.addresses, directory));
  return {
    node,
    directory: places,
    addresses: () => node.addresses,
    components: () => node.components().map((view) => viewOf(view, loaded, node.addresses[0] ?? "")),
    services: async () => loaded.map(({ component }) => component.service),
    stop,
    kill: () => undefined,
    [Symbol.asyncDispose]: () => stop(),
  };
}

function placesOf(loaded: readonly LoadedComponent[], addresses: readonly string[], elsewhere: Directory | undefined) {
  const own = addresses.length === 0 ? [] : loaded.map(({ name }) => [name, addresses] as const);
  return { ...(elsewhere === undefined ? {} : tableOf(elsewhere)), ...Object.fromEntries(own) };
}

function choosable({ component, name }: LoadedComponent) {
  return { name, instances: component.options.instances ?? 1 };
}

function viewOf(view: ComponentView, loaded: readonly LoadedComponent[], address: string): AppComponent {
  const { name, version } = view;
  const file = loaded.find((one) => one.name === name)?.file ?? "";
  const instances = view.instances.map(({ state, incarnation }, slot) => {
    return { slot, address, pid: ownPid(), state, restarts: Math.max(0, incarnation - view.instances.length) };
  });
  return { name, version, file, instances };
}
