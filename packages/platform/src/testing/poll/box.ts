import { defineComponent } from "@orrery/core";
import { Box } from "./contracts.ts";

/** Votes by their ids: one that comes twice is one. */
export const box = defineComponent(Box, () => {
  const votes = new Map<string, string>();
  return {
    put: ({ id, choice }) => {
      votes.set(id, choice);
      return {};
    },
    tally: () => {
      const counts: Record<string, number> = {};
      for (const choice of votes.values()) counts[choice] = (counts[choice] ?? 0) + 1;
      return counts;
    },
  };
});
