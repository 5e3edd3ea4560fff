import {
  type Component,
  createNode,
  createSystemClock,
  type Directory,
  type LogSink,
  type Node,
  type NodeOptions,
} from "@orrery/core";
import { captureTransport, contractOf } from "@orrery/core/internal";
import { createZmqTransport } from "@orrery/zmq";
import type { App, AppComponent, LaunchOptions } from "./app.ts";
import { createCaptureFile } from "./capture-file.ts";
import { chooseInstances } from "./choose-instances.ts";
import { beginLives } from "./environment/begin-lives.ts";
import { JOURNALS_FOLDER, journalFor } from "./journal/journal-for.ts";
import { createLiveDirectory, tableOf } from "./live-directory.ts";
import { type LoadedComponent, loadComponents } from "./load-components.ts";
import { ownPid } from "./system-process.ts";

/** Options of a launch within this process. */
export interface LaunchHereOptions extends LaunchOptions {
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
}

/**
 * Runs components in this process. With nothing to listen at and no directory it opens no socket at all. What a folder's `component.yaml`
 * asks for is checked before anything is loaded; its commands run before the start and after the stop, once for the folder.
 * @throws OrreryError as `loadComponents` and the start of a node, `failed_precondition` when something is missing; nothing runs then.
 */
export async function launchHere(options: LaunchHereOptions): Promise<App & { readonly node: Node }> {
  const lives = await beginLives(options);
  try {
    return await launch(options, lives.end);
  } catch (error) {
    await lives.end();
    throw error;
  }
}

async function launch(options: LaunchHereOptions, end: () => Promise<void>): Promise<App & { readonly node: Node }> {
  const { cwd, listen, directory, log, agent, capture, components = [] } = options;
  const loaded = await loadComponents(options.paths, { cwd });
  const counts = chooseInstances(loaded.map(choosable), options.instances);
  const clock = createSystemClock();
  const recorder = capture === undefined ? undefined : createCaptureFile(capture);
  const zmq = listen === undefined && directory === undefined ? undefined : createZmqTransport({ clock });
  const transport =
    zmq === undefined || recorder === undefined ? zmq : captureTransport(zmq, { clock, sink: recorder.write });
  const node = await makeNode(listen !== undefined, {
    clock,
    components: [
      ...loaded.map(({ component, name }) => ({
        ...component,
        options: { ...component.options, instances: counts.get(name) ?? 1 },
      })),
      ...components,
    ],
    transports: transport === undefined ? [] : [transport],
    listen: listen === undefined ? [] : [listen],
    ...(directory === undefined ? {} : { directory }),
    ...(log === undefined ? {} : { log }),
    ...(agent === undefined ? {} : { agent }),
    ...(await journalFor(
      loaded.map(({ component }) => component),
      `${cwd}/${JOURNALS_FOLDER}/here`,
    )),
  });
  await node.start();
  const stop = async (stopOptions?: { timeoutMs?: number }) => {
    await node.stop(stopOptions);
    recorder?.close();
    await end();
  };
  const places = createLiveDirectory(
    placesOf([...loaded.map(({ name }) => name), ...namesOf(components)], node.addresses, directory),
  );
  return {
    node,
    directory: places,
    addresses: () => node.addresses,
    components: () => loaded.flatMap((one) => viewOf(one, node)),
    services: async () => loaded.map(({ component }) => component.service),
    stop,
    kill: () => undefined,
    [Symbol.asyncDispose]: () => stop(),
  };
}

/** Others reach a node that listens, and so operators do. */
async function makeNode(isReached: boolean, options: NodeOptions): Promise<Node> {
  if (!isReached) return createNode(options);
  const { createOperatedNode } = await import("./operate/operated-node.ts");
  return createOperatedNode(options);
}

function placesOf(names: readonly string[], addresses: readonly string[], elsewhere: Directory | undefined) {
  const own = addresses.length === 0 ? [] : names.map((name) => [name, addresses] as const);
  return { ...(elsewhere === undefined ? {} : tableOf(elsewhere)), ...Object.fromEntries(own) };
}

function namesOf(components: readonly Component[]): readonly string[] {
  return components.map(({ service }) => contractOf(service).name);
}

function choosable({ component, name }: LoadedComponent) {
  return { name, instances: component.options.instances ?? 1 };
}

function viewOf({ name, file }: LoadedComponent, node: Node): readonly AppComponent[] {
  const view = node.components().find((one) => one.name === name);
  if (view === undefined) return [];
  const address = node.addresses[0] ?? "";
  const instances = view.instances.map(({ state, incarnation }, slot) => {
    return { slot, address, pid: ownPid(), state, restarts: Math.max(0, incarnation - view.instances.length) };
  });
  return [{ name, version: view.version, file, instances }];
}
