import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const NAMES = ["n1", "n2", "n3", "n4"];

const voterAt = (name: string) =>
  defineService(`voter-${name}`, {
    vote: { request: json<{ term: number; who: string }>(), reply: json<{ isGiven: boolean }>(), timeoutMs: 100 },
    follow: { request: json<{ term: number }>(), reply: nothing, timeoutMs: 100 },
  });

const VOTERS = new Map(NAMES.map((name) => [name, voterAt(name)]));

interface Standing {
  /** The highest term that it has heard of, and the highest that has a leader. */
  term: number;
  ledTerm: number;
}

/** Gives one vote in each term. */
const voter = (service: ReturnType<typeof voterAt>, standing: Standing) =>
  defineComponent(service, () => {
    const votes = new Map<number, string>();
    return {
      async vote({ term, who }) {
        standing.term = Math.max(standing.term, term);
        if (!votes.has(term)) votes.set(term, who);
        return { isGiven: votes.get(term) === who };
      },
      async follow({ term }) {
        standing.ledTerm = Math.max(standing.ledTerm, term);
        return {};
      },
    };
  });

/** Four nodes that elect a leader of each term. */
export const splitBrain = plantBug({
  name: "split brain",
  wrong: "half of the votes are taken for a majority, and a term has two leaders",
  scenario: (isFixed) => ({
    world: house,
    faults: ["partition", "clog", "loss"],
    setup(world) {
      const leaders = new Map<number, Set<string>>();
      const majority = Math.floor(NAMES.length / 2) + (isFixed ? 1 : 0);
      for (const [name, service] of VOTERS) {
        const standing: Standing = { term: 0, ledTerm: 0 };
        world.node(name, {
          components: [voter(service, standing)],
          async run(node) {
            const { client } = node.life;
            for (const afterMs of world.operations(name, 2, (draw) => draw.integer(600))) {
              await node.clock.sleep(afterMs);
              if (standing.term > 0 && standing.ledTerm === standing.term) continue;
              const term = ++standing.term;
              const asked = [...VOTERS.values()].map((other) => outcomeOf(client(other).vote({ term, who: name })));
              const votes = (await Promise.all(asked)).filter((vote) => vote.kind === "reply" && vote.value.isGiven);
              if (votes.length < majority) continue;
              leaders.set(term, new Set(leaders.get(term)).add(name));
              await Promise.all([...VOTERS.values()].map((other) => outcomeOf(client(other).follow({ term }))));
            }
          },
        });
      }
      return leaders;
    },
    always: {
      "a term has one leader": (leaders) =>
        [...leaders.values()].every(({ size }) => size === 1) || "a term has two leaders",
    },
  }),
});
