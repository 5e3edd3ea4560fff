/** A component that writes down which of its hooks run, with its process, to a file that outlives it. */
import { appendFileSync } from "node:fs";
import { defineComponent, defineService, json } from "@orrery/core";

/** What it can be asked to do. */
export const Hooked = defineService("hooked", {
  act: { request: json<"answer" | "crash" | "hang">(), reply: json<string>() },
});

const { HOOKS_FILE: file = "" } = process.env;

export const hooked = defineComponent(Hooked, (instance) => {
  const note = (what: string) => () => appendFileSync(file, `${what} ${process.pid}\n`);
  instance.onCrash(note("crash"));
  instance.onStop(note("stop"));
  instance.onDrain(note("drain"));
  instance.onReady(note("ready"));
  instance.onStart(note("start"));
  return {
    act: async (what) => {
      if (what === "crash") instance.crash("asked");
      if (what === "hang") {
        note("message")();
        await new Promise(() => undefined);
      }
      return what;
    },
  };
});
