import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import type { Disk } from "../src/world/disk.ts";
import { house, nothing, plantBug } from "./plant.ts";

const MONEY = 1000;

const Savings = defineService("savings", {
  move: { request: json<{ cents: number }>(), reply: nothing, timeoutMs: 300 },
  look: { request: nothing, reply: json<{ purse: number; bank: number }>() },
});

interface Money {
  readonly purse: number;
  readonly bank: number;
}

/** Keeps two sums in two files, or in one. */
const savings = (disk: Disk, isFixed: boolean) =>
  defineComponent(Savings, (instance) => {
    let money: Money = { purse: MONEY, bank: 0 };
    const readFile = async (name: string) => new TextDecoder().decode(await disk.read(name));
    const writeFile = (name: string, text: string) => disk.write(name, new TextEncoder().encode(text));
    const save = async ({ purse, bank }: Money) => {
      if (isFixed) await writeFile("money", JSON.stringify({ purse, bank }));
      else {
        await writeFile("purse", String(purse));
        await writeFile("bank", String(bank));
      }
      await disk.sync();
    };
    instance.onStart(async () => {
      const files = await disk.list();
      if (files.includes("money")) money = JSON.parse(await readFile("money")) as Money;
      const { purse, bank } = money;
      money = {
        purse: files.includes("purse") ? Number(await readFile("purse")) : purse,
        bank: files.includes("bank") ? Number(await readFile("bank")) : bank,
      };
    });
    return {
      async move({ cents }) {
        const moved = { purse: money.purse - cents, bank: money.bank + cents };
        await save(moved);
        money = moved;
        return {};
      },
      look: async () => money,
    };
  });

/** Money that is moved between two sums on disk. */
export const tornUpdate = plantBug({
  name: "torn two-file update",
  wrong: "a crash comes between the writes of two files, and money is gone",
  scenario: (isFixed) => ({
    world: house,
    faults: ["crash"],
    faultyNodes: ["machine"],
    setup(world) {
      const machine = world.node("machine", { components: ({ disk }) => [savings(disk, isFixed)] });
      world.node("owner", {
        async run(node) {
          for (const { afterMs, cents } of world.operations("move", 20, (draw) => ({
            afterMs: draw.integer(10),
            cents: 1 + draw.integer(50),
          }))) {
            await node.clock.sleep(afterMs);
            await outcomeOf(node.life.client(Savings).move({ cents }));
          }
        },
      });
      return machine;
    },
    async check(machine, world) {
      const { purse, bank } = await world.settle(machine.life.client(Savings).look({}));
      return purse + bank === MONEY || `${MONEY} were there, ${purse} + ${bank} are left`;
    },
  }),
});
