import type { PodDoor } from "../ports/system-pod-door.ts";

/** Leads what comes from outside to pods, by the names that the runtime has for them: a door that is opened and closed elsewhere. */
export type PodWays = Omit<PodDoor, "close">;
