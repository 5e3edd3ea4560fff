import { defineComponent, defineService, json, OrreryError } from "@orrery/core";

/** Greets people by name. */
export const Greeter = defineService("test.greeter", {
  greet: { request: json<{ name: string }>(), reply: json<{ text: string }>() },
});

/** The component whose test runs under any runner. */
export const greeter = defineComponent(Greeter, () => ({
  greet({ name }) {
    if (name === "") throw new OrreryError("invalid_argument", "Cannot greet nobody: say a name");
    return { text: `Hello ${name}` };
  },
}));
