import type { Envelope, Head } from "./envelope.ts";
import type { Instance } from "./instance.ts";
import { chainOf, cycle, isInChain } from "./pick-instance.ts";

/**
 * Refuses a message to an instance that is starting and already waits for its sender, so that two start hooks do not wait for one another.
 * A hook is no message, and so the path of what it sends does not tell; but what it has asked for lies in somebody's queue.
 * @throws OrreryError `call_cycle` with the instances that wait for one another.
 */
export function assertNoStartCycle(envelope: Envelope, head: Head, target: Instance, all: readonly Instance[]): void {
  const chain = chainOf(envelope, head);
  if (!chain.some((id) => isInChain(id, envelope, head))) return; // Nobody waits for it, or nobody here.
  const ways: string[][] = [[target.id]];
  const reached = new Set([target.id]);
  for (const way of ways) {
    const last = way.at(-1) ?? target.id;
    const at = chain.indexOf(last);
    if (at !== -1) throw cycle(head, [...way, ...chain.slice(at + 1), target.id]);
    for (const { id, queue } of all) {
      if (reached.has(id)) continue;
      const message = queue.find((one) => !one.answered && isInChain(last, one.envelope, one.head));
      if (message === undefined) continue;
      reached.add(id);
      ways.push([...way, ...message.chain.slice(message.chain.indexOf(last) + 1)]);
    }
  }
}
