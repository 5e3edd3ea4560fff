import type { Client, Publisher, Sender } from "./client.ts";
import type { Service } from "./contract.ts";
import type { FlowRef, Head } from "./envelope.ts";
import { failure } from "./orrery-error.ts";

/** How a flow ended. */
export type FlowEnd = "ok" | "failed" | "abandoned";

/** Why a flow ended: somebody said so, its time was over, its parent ended or was given up, or what had begun it is gone. */
export type FlowEndCause = "asked" | "expired" | "parent" | "stopped";

/** What a flow may be told at its beginning. */
export interface FlowOptions {
  /** How long it may take, in ms, from 1; then it ends as `failed`, and so do its calls. Never past its parent's end of time. Default: no limit. */
  readonly timeoutMs?: number;
  /**
   * What happens when the flow that it is a sub-flow of ends: the parent's end waits for it, it is cancelled, or it goes on alone. This
   * holds between flows of one node; one begun for a message of another node is cancelled when that message is given up. Default: wait.
   */
  readonly onParentEnd?: "wait" | "cancel" | "detach";
}

/**
 * A flow that was begun here: what is called through it, and everything that leads to, belongs to it. It is open until it is ended.
 * @example
 * await using flow = node.beginFlow("checkout", { timeoutMs: 5000 });
 * await flow.client(Till).charge({ amount: 5 });
 * await flow.end("ok");
 */
export interface Flow extends FlowRef, AsyncDisposable {
  /** How it ended; undefined while it is open. */
  readonly ended: FlowEnd | undefined;
  /** Aborts when it ends in another way than `ok`. */
  readonly signal: AbortSignal;
  /** Calls of a service in this flow, the same as `client` with `options.flow`. */
  client<S extends Service>(service: S): Client<S>;
  /** One-way messages of a service in this flow. */
  send<S extends Service>(service: S): Sender<S>;
  /** Broadcasts of a service in this flow. */
  publish<S extends Service>(service: S): Publisher<S>;
  /** Begins a sub-flow. */
  beginFlow(name: string, options?: FlowOptions): Flow;
  /**
   * Ends the flow; the first end counts. Resolves when it has ended, which is at once unless sub-flows are to be waited for. `abandoned`
   * cancels its open calls, the other ends leave them alone; `failed` and `abandoned` abort `signal`. Never rejects. Default: ok.
   */
  end(how?: FlowEnd): Promise<void>;
  /** Abandons the flow where it was not ended. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** News of a node's own flows. */
export type FlowEvent =
  | {
      readonly kind: "begin";
      /** On the node's monotonic clock, in ms. */
      readonly atMs: number;
      readonly flow: FlowRef;
      /** The flow that it is a sub-flow of, of whichever node. */
      readonly parent: FlowRef | undefined;
      /** Instance that began it; empty for the node itself. */
      readonly instance: string;
    }
  | {
      readonly kind: "end";
      readonly atMs: number;
      readonly flow: FlowRef;
      readonly how: FlowEnd;
      readonly why: FlowEndCause;
    };

/** A flow that is open, for those who look for leaks. Times are on the node's monotonic clock, in ms. */
export interface OpenFlow {
  readonly flow: FlowRef;
  readonly parent: FlowRef | undefined;
  /** Instance that began it; empty for the node itself. */
  readonly instance: string;
  readonly beganMs: number;
  /** When this node last sent a message in it; its beginning, if it never did. */
  readonly activeMs: number;
  /** End of its time; 0 for none. */
  readonly deadlineMs: number;
  /** It was ended, and waits for its sub-flows. */
  readonly ending: boolean;
  /** Methods that were called in it from here and have not answered. */
  readonly calls: readonly string[];
}

/** Says of an open flow who began it and when, and what it last did, in one line. */
export function describeOpenFlow(open: OpenFlow): string {
  const { flow, instance, beganMs, activeMs, ending, calls } = open;
  const by = instance === "" ? `node "${flow.node}"` : `"${instance}"`;
  const waits = calls.length === 0 ? "" : `, waits for ${calls.map((call) => `"${call}"`).join(", ")}`;
  const state = ending ? ", waits for its sub-flows to end" : waits;
  return `flow "${flow.name}" (${flow.node}/${flow.id}) was begun by ${by} at ${beganMs} ms, was last active at ${activeMs} ms${state}`;
}

/** Refuses a message in a flow that has ended. @throws OrreryError `withdrawn`. */
export function assertOpen(flow: FlowRef & Partial<Flow>, head: Head): void {
  if (flow.ended === undefined) return;
  const text = `Cannot call "${head.component}.${head.method}": its flow "${flow.name}" has ended (${flow.ended})`;
  throw failure("withdrawn", text);
}
