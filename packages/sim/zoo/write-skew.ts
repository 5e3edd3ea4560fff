import { defineComponent, defineService, json } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const DOCTORS = ["ann", "bob", "cy"];

interface Row {
  readonly isOnCall: boolean;
  readonly revision: number;
}

const Table = defineService("table", {
  read: { request: nothing, reply: json<{ rows: Readonly<Record<string, Row>> }>() },
  /** Writes one row, if those that it was decided by have not changed. */
  commit: {
    request: json<{ who: string; isOnCall: boolean; basis: Readonly<Record<string, number>> }>(),
    reply: json<{ isDone: boolean }>(),
  },
});

const table = (onChange: (rows: ReadonlyMap<string, Row>) => void) =>
  defineComponent(Table, () => {
    const rows = new Map<string, Row>(DOCTORS.map((who) => [who, { isOnCall: true, revision: 0 }]));
    return {
      read: async () => ({ rows: Object.fromEntries(rows) }),
      async commit({ who, isOnCall, basis }) {
        const isSame = Object.entries(basis).every(([key, revision]) => rows.get(key)?.revision === revision);
        if (!isSame) return { isDone: false };
        rows.set(who, { isOnCall, revision: (rows.get(who)?.revision ?? 0) + 1 });
        onChange(rows);
        return { isDone: true };
      },
    };
  });

/** Doctors who go off call if another one is on: each looks at all rows, and writes one. */
export const writeSkew = plantBug({
  name: "write skew",
  wrong: "the last two doctors go off call at once, each because the other is on",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      const it = { onCall: DOCTORS.length };
      const onChange = (rows: ReadonlyMap<string, Row>) => {
        it.onCall = [...rows.values()].filter(({ isOnCall }) => isOnCall).length;
      };
      world.node("clinic", { components: [table(onChange)] });
      for (const who of DOCTORS)
        world.node(who, {
          async run(node) {
            for (const { afterMs, restMs } of world.operations(who, 3, (draw) => ({
              afterMs: draw.integer(500),
              restMs: draw.integer(300),
            }))) {
              const change = async (isOnCall: boolean) => {
                const { rows } = await node.life.client(Table).read({});
                const others = Object.keys(rows).filter((other) => other !== who && rows[other]?.isOnCall === true);
                if (!isOnCall && others.length === 0) return;
                const decided = isFixed ? [who, ...others] : [who];
                const basis = Object.fromEntries(decided.map((key) => [key, rows[key]?.revision ?? 0]));
                await node.life.client(Table).commit({ who, isOnCall, basis });
              };
              await node.clock.sleep(afterMs);
              await change(false);
              await node.clock.sleep(restMs);
              await change(true);
            }
          },
        });
      return it;
    },
    always: { "a doctor is on call": ({ onCall }) => onCall > 0 || "nobody is on call" },
  }),
});
