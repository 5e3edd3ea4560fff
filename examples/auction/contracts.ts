import { defineService } from "@orrery/core";
import * as z from "zod";

const lot = z.object({ price: z.number(), leader: z.string(), revision: z.number() });
const name = z.object({ lot: z.string() });

/** Keeps what each lot stands at. */
export const Lots = defineService("lots", {
  read: { request: name, reply: lot },
  write: {
    request: z.object({ lot: z.string(), price: z.number(), leader: z.string(), ifRevision: z.number().optional() }),
    reply: z.object({ isWritten: z.boolean() }),
  },
});

/** Takes bids. */
export const Bidding = defineService("bidding", {
  bid: {
    request: z.object({ lot: z.string(), bidder: z.string(), price: z.number() }),
    reply: z.object({ isAccepted: z.boolean(), price: z.number() }),
  },
});
