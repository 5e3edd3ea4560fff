import { createWindow, type ProgramFactory } from "../program.ts";
import { createEventHeap } from "./event-heap.ts";
import { type Ask, answerTo, createChance, drawLatency, peersOf } from "./model.ts";

interface ToyNode {
  readonly peers: readonly number[];
  handled: number;
}

/** What no simulator of asynchronous code can reach: the same model in callbacks alone, without one promise. */
export const program: ProgramFactory = ({ size }) => {
  const chance = createChance(1);
  const events = createEventHeap();
  let nowMicros = 0;
  let deliveries = 0;
  const nodes = Array.from(
    { length: size },
    (_, node): ToyNode => ({ peers: peersOf(node, size, chance), handled: 0 }),
  );
  const carry = (deliver: () => void) => events.push(nowMicros + drawLatency(chance), deliver);
  const ask = (from: ToyNode, request: Ask) => {
    const peer = from.peers[Math.floor(chance() * from.peers.length)] as number;
    carry(() => asked(nodes[peer] as ToyNode, from, request));
  };
  const asked = (node: ToyNode, from: ToyNode, request: Ask) => {
    deliveries++;
    node.handled++;
    const answer = answerTo(request);
    carry(() => answered(from, answer));
  };
  const answered = (node: ToyNode, answer: Ask) => {
    deliveries++;
    ask(node, answer);
  };
  for (const node of nodes) ask(node, { n: 0 });
  return {
    run(windowMs) {
      const before = deliveries;
      const isOver = createWindow(windowMs);
      while (!isOver()) {
        const event = events.pop();
        if (event === undefined) throw new Error("the model has come to an end");
        nowMicros = event.atMicros;
        event.run();
      }
      return Promise.resolve({ deliveries: deliveries - before });
    },
  };
};
