import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import type { Disk } from "../src/world/disk.ts";
import { house, nothing, plantBug } from "./plant.ts";

const SYNC_EVERY_MS = 100;

const Notes = defineService("notes", {
  add: { request: json<{ note: string }>(), reply: nothing, timeoutMs: 300 },
  list: { request: nothing, reply: json<{ notes: readonly string[] }>() },
});

/** Keeps notes as lines of a file; syncs it each time, or every now and then. */
const notes = (disk: Disk, isFixed: boolean) =>
  defineComponent(Notes, (instance) => {
    const lines = async () =>
      new TextDecoder()
        .decode(await disk.read("notes"))
        .split("\n")
        .slice(0, -1);
    const syncAgain = async (): Promise<void> => {
      await disk.sync();
      instance.clock.timer(SYNC_EVERY_MS, () => void syncAgain());
    };
    if (!isFixed) instance.onReady(() => void syncAgain());
    return {
      async add({ note }) {
        await disk.append("notes", new TextEncoder().encode(`${note}\n`));
        if (isFixed) await disk.sync();
        return {};
      },
      list: async () => ({ notes: await lines() }),
    };
  });

/** A notebook on a machine that may lose power. */
export const acknowledgedBeforeSync = plantBug({
  name: "acknowledged before sync",
  wrong: "a note is confirmed while it is only in memory, and a crash loses it",
  scenario: (isFixed) => ({
    world: house,
    faults: ["crash"],
    faultyNodes: ["notebook"],
    setup(world) {
      const notebook = world.node("notebook", { components: ({ disk }) => [notes(disk, isFixed)] });
      const it = { notebook, confirmed: [] as string[] };
      world.node("writer", {
        async run(node) {
          for (const { note, afterMs } of world.operations("note", 10, (draw, index) => ({
            note: `note-${index}`,
            afterMs: draw.integer(200),
          }))) {
            await node.clock.sleep(afterMs);
            const { kind } = await outcomeOf(node.life.client(Notes).add({ note }));
            if (kind === "reply") it.confirmed.push(note);
          }
        },
      });
      return it;
    },
    async check({ notebook, confirmed }, world) {
      const kept = await world.settle(notebook.life.client(Notes).list({}));
      const lost = confirmed.filter((note) => !kept.notes.includes(note));
      return lost.length === 0 || `lost what was confirmed: ${lost.join(", ")}`;
    },
  }),
});
