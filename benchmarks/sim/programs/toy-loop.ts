import { createWindow, type ProgramFactory } from "../program.ts";
import { createEventHeap } from "./event-heap.ts";
import { type Ask, answerTo, createChance, drawLatency, peersOf } from "./model.ts";

const EVENTS_PER_TURN = 4096;

interface ToyNode {
  readonly peers: readonly number[];
  /** What waits for answers, by the number of the question. */
  readonly open: Map<number, (answer: Ask) => void>;
  handled: number;
}

/**
 * The least that a simulator of asynchronous code is: a binary heap of events, handlers that are asynchronous functions, and after each
 * event a drain until no promise job is left. No envelopes, no deadlines, no connections, no copies of values, no trace. The variant says
 * how it drains: `turn` by a turn of the event loop, which is public API, or `step` by Node's own step from task to task.
 */
export const program: ProgramFactory = ({ size, variant }) => {
  const chance = createChance(1);
  const events = createEventHeap();
  let nowMicros = 0;
  let deliveries = 0;
  let lastId = 0;
  const nodes = Array.from({ length: size }, (_, node): ToyNode => {
    return { peers: peersOf(node, size, chance), open: new Map(), handled: 0 };
  });
  const carry = (deliver: () => void) => events.push(nowMicros + drawLatency(chance), deliver);

  const handle = async (node: ToyNode, request: Ask) => {
    node.handled++;
    return answerTo(request);
  };
  const asked = async (node: ToyNode, from: ToyNode, id: number, request: Ask) => {
    deliveries++;
    const answer = await handle(node, request);
    carry(() => answered(from, id, answer));
  };
  const answered = ({ open }: ToyNode, id: number, answer: Ask) => {
    deliveries++;
    const resolve = open.get(id);
    open.delete(id);
    resolve?.(answer);
  };
  const ask = (from: ToyNode, to: ToyNode, request: Ask): Promise<Ask> =>
    new Promise((resolve) => {
      const id = ++lastId;
      from.open.set(id, resolve);
      carry(() => void asked(to, from, id, request));
    });
  const lane = async (node: ToyNode) => {
    for (let request: Ask = { n: 0 }; ; ) {
      const peer = node.peers[Math.floor(chance() * node.peers.length)] as number;
      request = await ask(node, nodes[peer] as ToyNode, request);
    }
  };
  for (const node of nodes) void lane(node);

  const step = () => {
    const event = events.pop();
    if (event === undefined) throw new Error("the model has come to an end");
    nowMicros = event.atMicros;
    event.run();
  };
  return {
    async run(windowMs) {
      const before = deliveries;
      const isOver = createWindow(windowMs);
      await (variant === "step" ? runBySteps(step, isOver) : runByTurns(step, isOver));
      return { deliveries: deliveries - before };
    },
  };
};

function runByTurns(step: () => void, isOver: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const turn = () => {
      if (isOver()) return resolve();
      step();
      setImmediate(turn);
    };
    setImmediate(turn);
  });
}

function runBySteps(step: () => void, isOver: () => boolean): Promise<void> {
  const drain = (process as unknown as { _tickCallback(): void })._tickCallback;
  return new Promise((resolve) => {
    const turn = () => {
      for (let events = 0; events < EVENTS_PER_TURN; events++) {
        if (isOver()) return resolve();
        step();
        drain();
      }
      setImmediate(turn);
    };
    setImmediate(turn);
  });
}
