import type { FlowRef } from "./envelope.ts";

/** How a flow ended. */
export type FlowEnd = "ok" | "failed" | "abandoned";

/** A flow that was begun here: pass it to calls as `options.flow`, and end it. */
export interface Flow extends FlowRef {
  /** Ends the flow; the first end counts. */
  end(how: FlowEnd): void;
}

/** News of flows, for those who watch them. */
export type FlowEvent =
  | { readonly kind: "begin"; readonly flow: FlowRef }
  | { readonly kind: "end"; readonly flow: FlowRef; readonly how: FlowEnd };

/** Begins flows for one node; ids are the node's message ids, so that no two flows share one. */
export interface Flows {
  begin(name: string, parent?: FlowRef): Flow;
}

/** Makes the flows of a node. `nextId` draws ids, `watch` gets every begin and end. */
export function createFlows(node: string, nextId: () => number, watch: (event: FlowEvent) => void = ignore): Flows {
  return {
    begin(name, parent) {
      const flow: FlowRef = Object.freeze({ id: nextId(), node, name, parentId: parent?.id ?? 0 });
      let ended = false;
      watch({ kind: "begin", flow });
      return Object.freeze({
        ...flow,
        end(how: FlowEnd) {
          if (ended) return;
          ended = true;
          watch({ kind: "end", flow, how });
        },
      });
    },
  };
}

function ignore(): void {}
