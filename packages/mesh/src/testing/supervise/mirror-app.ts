// What children of the tests serve that tell what they are.
import { defineComponent, defineService, json } from "@orrery/core";
import { ownThread } from "../../system-thread.ts";

/** What a child sees of itself. */
export interface Reflection {
  readonly pid: number;
  readonly thread: number;
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A service that tells what serves it. */
export const Mirror = defineService("mirror", { look: { request: json<object>(), reply: json<Reflection>() } });

export const mirror = defineComponent(Mirror, () => ({
  look: () => ({
    pid: process.pid,
    thread: ownThread(),
    cwd: process.cwd(),
    variables: Object.fromEntries(Object.entries(process.env).map(([name, text]) => [name, text ?? ""])),
  }),
}));
