import type { MessageEvent } from "@orrery/core";

/** Who waits for whom in a world, told by the moments of its messages. */
export interface WaitGraph {
  /** Takes a moment of a message; gives how instances wait for one another in a ring, once they do. */
  watch(event: MessageEvent): string | undefined;
}

/** Makes a graph in which nobody waits. */
export function createWaitGraph(): WaitGraph {
  return new InstanceGraph();
}

/** A message that some instance has, or waits for. */
interface Waiting {
  readonly name: string;
  /** Message on whose behalf it was sent; empty for none. */
  readonly parent: string;
  /** Instance at which it stands in the inbox, or is handled. */
  at: string;
  isRunning: boolean;
}

/**
 * Owns the messages under way. I1: an instance handles one message at a time, so one that waits for a call that stands in the inbox of
 * an instance that waits in turn for it will never go on by itself.
 */
class InstanceGraph implements WaitGraph {
  readonly #messages = new Map<string, Waiting>();
  /** Messages that an instance handles, by its id. */
  readonly #running = new Map<string, Set<string>>();
  /** Calls that a message waits for, by its key. */
  readonly #children = new Map<string, Set<string>>();

  watch(event: MessageEvent): string | undefined {
    const key = `${event.source.node}/${event.source.incarnation}/${event.id}`;
    switch (event.kind) {
      case "queued":
        this.#queued(key, event);
        return undefined;
      case "received":
        return this.#received(key, event);
      case "started":
        this.#started(key, event);
        return undefined;
      case "ended":
        this.#running.get(event.instance)?.delete(key);
        return undefined;
      case "returned":
        this.#returned(key);
        return undefined;
      default:
        return undefined;
    }
  }

  #queued(key: string, { parent, component, method, mode }: MessageEvent): void {
    if (mode !== "sync" || parent === undefined) return;
    const from = `${parent.node}/${parent.incarnation}/${parent.id}`;
    this.#messages.set(key, { name: `${component}.${method}`, parent: from, at: "", isRunning: false });
    const children = this.#children.get(from) ?? new Set();
    this.#children.set(from, children.add(key));
  }

  #received(key: string, { instance, component, method }: MessageEvent): string | undefined {
    const message = this.#messages.get(key) ?? {
      name: `${component}.${method}`,
      parent: "",
      at: "",
      isRunning: false,
    };
    message.at = instance;
    this.#messages.set(key, message);
    const ring = this.#ringFrom(instance, []);
    return ring === undefined ? undefined : ring.join("; ");
  }

  #started(key: string, { instance }: MessageEvent): void {
    const message = this.#messages.get(key);
    if (message !== undefined) message.isRunning = true;
    const running = this.#running.get(instance) ?? new Set();
    this.#running.set(instance, running.add(key));
  }

  #returned(key: string): void {
    const message = this.#messages.get(key);
    this.#messages.delete(key);
    if (message !== undefined) this.#children.get(message.parent)?.delete(key);
    this.#children.delete(key);
  }

  /** Follows who waits for whom; gives the ring when it comes back to where it began. */
  #ringFrom(instance: string, path: readonly string[], start = instance): readonly string[] | undefined {
    if (path.length > 0 && instance === start) return path;
    if (path.length > LENGTH_MAX) return undefined;
    for (const key of this.#running.get(instance) ?? []) {
      for (const child of this.#children.get(key) ?? []) {
        const call = this.#messages.get(child);
        if (call === undefined || call.isRunning || call.at === "") continue;
        const step = `${instance} handles ${this.#messages.get(key)?.name ?? "a message"} and waits for ${call.name} of ${call.at}`;
        const ring = this.#ringFrom(call.at, [...path, step], start);
        if (ring !== undefined) return ring;
      }
    }
    return undefined;
  }
}

const LENGTH_MAX = 32;
