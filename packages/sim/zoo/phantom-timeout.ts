import { defineComponent, defineService, json } from "@orrery/core";
import type { ModelNode } from "../src/world/model-node.ts";
import { house, plantBug } from "./plant.ts";

const PATIENCE_MS = 100;

/** What a unit of each currency is worth. */
const RATES: Readonly<Record<string, number>> = { EUR: 100, USD: 108, GBP: 84, CHF: 96 };

const Exchange = defineService("exchange", {
  ask: { request: json<{ id: number; currency: string }>(), mode: "async" },
});

const Answers = defineService("answers", {
  answer: { request: json<{ id: number; rate: number }>(), mode: "async" },
});

const exchange = defineComponent(Exchange, () => ({
  async ask({ id, currency }, context) {
    await context.clock.sleep(5);
    context.send(Answers).answer({ id, rate: RATES[currency] ?? 0 });
  },
}));

interface Question {
  readonly id: number;
  readonly onAnswer: (rate: number | undefined) => void;
}

/** Asks by one message and is answered by another; one question at a time. */
function createDesk(isFixed: boolean) {
  let open: Question | undefined;
  let lastId = 0;
  const answers = defineComponent(Answers, () => ({
    async answer({ id, rate }) {
      if (isFixed && id !== open?.id) return;
      open?.onAnswer(rate);
    },
  }));
  const ask = async (node: ModelNode, currency: string): Promise<number | undefined> => {
    const id = ++lastId;
    const answered = new Promise<number | undefined>((onAnswer) => {
      open = { id, onAnswer };
    });
    const late = node.clock.timer(PATIENCE_MS, () => open?.onAnswer(undefined));
    node.life.send(Exchange).ask({ id, currency });
    const rate = await answered;
    late.cancel();
    open = undefined;
    return rate;
  };
  return { answers, ask };
}

/** A desk that asks for rates, and gives up on an answer after a while. */
export const phantomTimeout = plantBug({
  name: "phantom timeout",
  wrong: "the answer to a question that was given up comes late, and is taken for that to the next",
  scenario: (isFixed) => ({
    world: house,
    faults: ["clog", "slow", "pause"],
    faultyNodes: ["exchange"],
    setup(world) {
      const it = { wrong: "" };
      const { answers, ask } = createDesk(isFixed);
      world.node("exchange", { components: [exchange] });
      world.node("desk", {
        components: [answers],
        async run(node) {
          for (const { currency, afterMs } of world.operations("ask", 8, (draw) => ({
            currency: draw.oneOf(Object.keys(RATES)),
            afterMs: draw.integer(200),
          }))) {
            await node.clock.sleep(afterMs);
            const rate = await ask(node, currency);
            if (rate !== undefined && rate !== RATES[currency]) it.wrong ||= `${currency} is quoted at ${rate}`;
          }
        },
      });
      return it;
    },
    always: { "a rate is that of the currency that was asked for": ({ wrong }) => wrong === "" || wrong },
  }),
});
