import { defineComponent } from "@orrery/core";
import { Box } from "./contracts.ts";

/** Has a bug: a vote that comes twice counts twice. */
export const box = defineComponent(Box, () => {
  const counts: Record<string, number> = {};
  return {
    put: ({ choice }) => {
      counts[choice] = (counts[choice] ?? 0) + 1;
      return {};
    },
    tally: () => counts,
  };
});
