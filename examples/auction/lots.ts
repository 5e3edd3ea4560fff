import { defineComponent } from "@orrery/core";
import { Lots } from "./contracts.ts";

const NEW = { price: 0, leader: "", revision: 0 };

export default defineComponent(Lots, () => {
  const lots = new Map<string, typeof NEW>();
  return {
    read: async ({ lot }) => lots.get(lot) ?? NEW,
    async write({ lot, price, leader, ifRevision }) {
      const { revision } = lots.get(lot) ?? NEW;
      if (ifRevision !== undefined && ifRevision !== revision) return { isWritten: false };
      lots.set(lot, { price, leader, revision: revision + 1 });
      return { isWritten: true };
    },
  };
});
