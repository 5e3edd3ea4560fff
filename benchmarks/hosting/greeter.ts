import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is asked. */
export const QUESTION = JSON.stringify({ name: "Ann" });

/** What is answered. */
export const ANSWER = { text: "Hello, Ann!" };

const GREETER = `import { defineComponent, defineService, json } from "@orrery/core";

const Greeter = defineService("NAME", { greet: { request: json<{ name: string }>(), reply: json<{ text: string }>() } });

export default defineComponent(Greeter, () => ({ greet: ({ name }) => ({ text: \`Hello, \${name}!\` }) }));
`;

/** Writes the folder of an app with a service of each name. */
export function writeGreeters(folder: string, names: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, `${name}.ts`), GREETER.replace("NAME", `bench.${name}`));
  const components = names.map((name) => `  ${name}: ${name}.ts`).join("\n");
  writeFileSync(join(folder, "orrery.yaml"), `components:\n${components}\n`);
}
