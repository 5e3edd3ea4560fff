import { createSystemClock, isOrreryError, type LogSink, type Node, type Transport } from "@orrery/core";
import { captureTransport, messageOf } from "@orrery/core/internal";
import { createZmqTransport } from "@orrery/zmq";
import { type CaptureFile, createCaptureFile } from "./capture-file.ts";
import { formatLog } from "./format-log.ts";
import { journalFor } from "./journal/journal-for.ts";
import { createLiveDirectory } from "./live-directory.ts";
import { type LoadedComponent, loadComponents } from "./load-components.ts";
import type { Channel } from "./process-host.ts";
import type { FromProcess, ServeOrder, ToProcess } from "./process-messages.ts";
import { ownId } from "./system-thread.ts";

/**
 * Serves one instance of one component in this process, as its parent orders: load, serve, start, and in the end stop.
 * The address is open before the component starts, so that processes find one another whatever the order in which they start; what comes
 * before it is ready waits.
 * When the parent is gone, the process drains and ends.
 */
export function serveComponent(channel: Channel): void {
  const worker = new Worker(channel);
  channel.onMessage((message) => worker.obey(message as ToProcess));
  channel.onClose(() => worker.stop(DRAIN_MS));
}

/** How long a process drains that nobody tells how long. */
const DRAIN_MS = 5_000;

class Worker {
  readonly #channel: Channel;
  readonly #directory = createLiveDirectory();
  #loaded: readonly LoadedComponent[] = [];
  #node: Node | undefined;
  #capture: CaptureFile | undefined;
  #stopping = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  obey(order: ToProcess): void {
    this.#do(order).catch((error: unknown) => this.#fail(error));
  }

  stop(timeoutMs: number): void {
    if (this.#stopping) return;
    this.#stopping = true;
    const stopped = this.#node?.stop({ timeoutMs }) ?? Promise.resolve();
    stopped
      .then(() => this.#capture?.close())
      .then(
        () => this.#channel.exit(0),
        () => this.#channel.exit(1),
      );
  }

  async #do(order: ToProcess): Promise<void> {
    switch (order.kind) {
      case "load":
        this.#loaded = await loadComponents(order.paths, { cwd: order.cwd, ownsProcess: true });
        this.#say({ kind: "loaded", components: this.#loaded.map(foundOf) });
        return;
      case "serve":
        this.#say({ kind: "bound", address: await this.#serve(order) });
        return;
      case "start":
        this.#directory.replace(order.table);
        await this.#node?.start();
        this.#say({ kind: "ready" });
        return;
      case "directory":
        this.#directory.replace(order.table);
        return;
      case "ping":
        this.#say({ kind: "pong" });
        return;
      case "stop":
        this.stop(order.timeoutMs);
    }
  }

  async #serve(order: ServeOrder): Promise<string> {
    const found = this.#loaded.find(({ name }) => name === order.component);
    if (found === undefined) throw new Error(`Cannot serve "${order.component}": its file no longer exports it`);
    const { component } = found;
    const log: LogSink = (entry) => this.#channel.writeLine(formatLog(entry, order.log));
    if (order.capture !== "") this.#capture = createCaptureFile(`${order.capture}-${order.node}-${ownId()}`);
    const clock = createSystemClock();
    const zmq = createZmqTransport({ clock });
    const { createOperatedNode } = await import("./operate/operated-node.ts");
    this.#node = createOperatedNode({
      name: order.node,
      components: [{ ...component, options: { ...component.options, instances: 1 } }],
      clock,
      transports: [this.#capture === undefined ? zmq : captureTransport(zmq, { clock, sink: this.#capture.write })],
      directory: this.#directory,
      log,
      agent: order.agent,
      ...(await journalFor([component], order.journal)),
    });
    return await listenNear(zmq, order.listen);
  }

  #say(message: FromProcess): void {
    if (!this.#stopping) this.#channel.send(message);
  }

  #fail(error: unknown): void {
    const text = messageOf(error);
    const code = isOrreryError(error) ? error.code : "internal";
    this.#say({ kind: "failed", code, text, retry: code === "unavailable" });
    this.#channel.exit(1);
  }
}

/** Opens an address; one that is taken, as a restarted process's old one may be, gives way to any port of the same host. */
async function listenNear(transport: Transport, address: string): Promise<string> {
  try {
    return await transport.listen(address);
  } catch (error) {
    if (address.endsWith(":0") || !isOrreryError(error) || error.code !== "unavailable") throw error;
    return await transport.listen(address.replace(/:\d+$/, ":0"));
  }
}

function foundOf({ component, name, file }: LoadedComponent) {
  const { version = "0.0.0", instances = 1 } = component.options;
  return { name, version, file, instances };
}
