import type { FlowRef } from "@orrery/core";

/** Remembers which mechtrons wait for a call that leaves their host, so that they are known when it comes back by way of components. */
export interface CallChains {
  /** Gives the flow in which a call is made for which these wait, until it is disposed of. */
  open(chain: readonly string[]): Disposable & { readonly flow: FlowRef };
  /** Who waits for a message of a flow. */
  of(flow: FlowRef): readonly string[];
}

/** Stands in flows as the node that began them. */
const NODE = "orrery.mechtrons";

/** Makes a memory of chains. */
export function createCallChains(): CallChains {
  const open = new Map<number, readonly string[]>();
  let last = 0;
  return {
    open: (chain) => {
      const id = ++last;
      open.set(id, chain);
      const flow = { id, node: NODE, name: chain.at(-1) ?? "", parentId: 0 };
      return { flow, [Symbol.dispose]: () => void open.delete(id) };
    },
    of: ({ node, id }) => (node === NODE ? open.get(id) : undefined) ?? [],
  };
}
