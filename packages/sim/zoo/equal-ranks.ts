import { defineComponent, defineService, json } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const NAMES = ["n1", "n2", "n3"];

interface Rank {
  readonly name: string;
  readonly rank: number;
}

const memberAt = (name: string) =>
  defineService(`member-${name}`, { greet: { request: json<Rank>(), reply: nothing } });

const MEMBERS = new Map(NAMES.map((name) => [name, memberAt(name)]));

const isBefore = (own: Rank, other: Rank, isFixed: boolean) =>
  isFixed && own.rank === other.rank ? own.name <= other.name : own.rank >= other.rank;

/** Leads once it has heard from all others and nobody is before it. */
const member = (own: Rank, isFixed: boolean, onLead: () => void) =>
  defineComponent(MEMBERS.get(own.name) ?? memberAt(own.name), () => {
    const others = new Map<string, Rank>();
    return {
      async greet(other) {
        others.set(other.name, other);
        const all = [...others.values()];
        if (all.length === NAMES.length - 1 && all.every((one) => isBefore(own, one, isFixed))) onLead();
        return {};
      },
    };
  });

/** Nodes that each draw a rank of eight bits, and tell it to the others. */
export const equalRanks = plantBug({
  name: "leaders of equal rank",
  wrong: "two nodes draw the same rank, and both lead",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      const leaders = new Set<string>();
      for (const name of NAMES) {
        const own = { name, rank: world.draw(`rank of ${name}`).integer(256) };
        world.node(name, {
          components: [member(own, isFixed, () => leaders.add(name))],
          async run(node) {
            const others = NAMES.filter((other) => other !== name).flatMap((other) => MEMBERS.get(other) ?? []);
            await Promise.all(others.map((other) => node.life.client(other).greet(own)));
          },
        });
      }
      return leaders;
    },
    check: (leaders) => leaders.size === 1 || `${leaders.size} nodes lead: ${[...leaders].join(", ")}`,
  }),
});
