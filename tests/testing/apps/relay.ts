import { createRelay } from "../relay.ts";

export const relay = createRelay({ version: "1.2.3" });
