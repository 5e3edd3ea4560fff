import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import type { Disk } from "../src/world/disk.ts";
import { house, nothing, plantBug } from "./plant.ts";

const BLOCK = 5;

const Invoices = defineService("invoices", {
  next: { request: nothing, reply: json<{ number: number }>(), timeoutMs: 300 },
});

/** Hands out numbers, and writes down only every fifth: that it was given, or that all up to it may have been. */
const invoices = (disk: Disk, isFixed: boolean) =>
  defineComponent(Invoices, (instance) => {
    let last = 0;
    let saved = 0;
    const save = async (number: number) => {
      await disk.write("last", new TextEncoder().encode(String(number)));
      await disk.sync();
      saved = number;
    };
    instance.onStart(async () => {
      last = Number(new TextDecoder().decode(await disk.read("last")));
      saved = last;
    });
    return {
      async next() {
        const number = last + 1;
        if (isFixed && number > saved) await save(saved + BLOCK);
        if (!isFixed && number >= saved + BLOCK) await save(number);
        last = number;
        return { number };
      },
    };
  });

/** Invoice numbers from a machine that may crash. */
export const reusedNumber = plantBug({
  name: "number reused after restart",
  wrong: "a counter is saved only now and then, and after a crash it hands out numbers again",
  scenario: (isFixed) => ({
    world: house,
    faults: ["crash"],
    faultyNodes: ["numbers"],
    setup(world) {
      const it = { numbers: new Set<number>(), wrong: "" };
      world.node("numbers", { components: ({ disk }) => [invoices(disk, isFixed)] });
      world.node("clerk", {
        async run(node) {
          for (const afterMs of world.operations("invoice", 12, (draw) => draw.integer(100))) {
            await node.clock.sleep(afterMs);
            const outcome = await outcomeOf(node.life.client(Invoices).next({}));
            if (outcome.kind !== "reply") continue;
            const { number } = outcome.value;
            if (it.numbers.has(number)) it.wrong ||= `two invoices have number ${number}`;
            it.numbers.add(number);
          }
        },
      });
      return it;
    },
    always: { "no two invoices have one number": ({ wrong }) => wrong === "" || wrong },
  }),
});
