/** What the app of the story is called. */
export const APP = "helloworld";

/** The method that it has: greets somebody by name. */
export const METHOD = "e2e.helloworld/greet";

/** Files of an app that greets in such words: `Hello` gives `Hello, Ada!`. */
export function appFiles(words: string): Readonly<Record<string, string>> {
  return {
    "orrery.yaml": `components: { helloworld: helloworld.ts }
routes:
  - { path: /greet, service: ${METHOD} }
`,
    "helloworld.ts": `import { defineComponent, defineService, json } from "@orrery/core";

const Helloworld = defineService("e2e.helloworld", {
  greet: { request: json<{ name: string }>(), reply: json<{ text: string }>() },
});

export default defineComponent(Helloworld, () => ({
  greet: ({ name }) => ({ text: \`${words}, \${name}!\` }),
}));
`,
  };
}
