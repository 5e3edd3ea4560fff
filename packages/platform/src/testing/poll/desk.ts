import { defineComponent, outcomeOf } from "@orrery/core";
import { MessageService } from "@orrery/registry/service";
import { Box, Desk } from "./contracts.ts";

/** Tries again what nobody knows the end of. */
export const desk = defineComponent(Desk, () => ({
  async vote({ id, choice }, context) {
    const asked = { address: "clerk", method: "read", message: { choice } };
    const read = (await context.client(MessageService).send(asked)) as { choice: string };
    for (let left = Number(process.env["POLL_TRIES"]); ; left--) {
      const outcome = await outcomeOf(context.client(Box).put({ id, ...read }, { timeoutMs: 2_000 }));
      if (outcome.kind === "reply") return {};
      if (left === 0) throw outcome.error;
    }
  },
}));
