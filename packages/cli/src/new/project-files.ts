/** What the files of a new project depend on. */
export interface ProjectFilesOptions {
  /** Name of project and first component: lower-case words joined by `-`. */
  readonly name: string;
  readonly template: ProjectTemplate;
  /** What to write for a package of Orrery as its version: a version, or a `file:` link. */
  readonly versionOf: (packageName: string) => string;
  /** Whether the project brings its own Node, because the machine's is too old. */
  readonly bringRuntime: boolean;
}

/** How the first component's contract is written: as schemas in the code, with JSON on the wire, or in protobuf. */
export type ProjectTemplate = "json" | "proto";

/** Writes the files of a new project: path to text. Generated code is not among them. */
export function projectFiles(options: ProjectFilesOptions): ReadonlyMap<string, string> {
  const { name, template } = options;
  const service = pascal(name);
  return new Map([
    ["package.json", manifest(options)],
    ["tsconfig.json", TSCONFIG],
    [".gitignore", "node_modules/\n.orrery/\n"],
    ["README.md", readme(options)],
    [`src/${name}.test.ts`, componentTest(options, service)],
    ...(template === "json"
      ? ([[`src/${name}.ts`, jsonComponent(name, service)]] as const)
      : ([
          [`src/${name}.ts`, protoComponent(name, service)],
          [`proto/${snake(name)}/v1/${snake(name)}.proto`, protoContract(name, service)],
        ] as const)),
  ]);
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "esnext",
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "types": ["node"]
  },
  "include": ["src", "gen"]
}
`;

function manifest({ name, template, versionOf, bringRuntime }: ProjectFilesOptions): string {
  const scripts = {
    start: "orrery run src",
    test: "node --test",
    check: "tsc",
    ...(template === "proto" ? { generate: "orrery generate proto" } : {}),
  };
  const dependencies = {
    ...(template === "proto" ? { "@bufbuild/protobuf": "2.17.0" } : {}),
    "@orrery/core": versionOf("core"),
    ...(template === "json" ? { zod: "4.6.7" } : {}),
  };
  const devDependencies = {
    "@orrery/cli": versionOf("cli"),
    "@orrery/sim": versionOf("sim"),
    "@types/node": "26.6.6",
    typescript: "7.0.2",
  };
  const engines = { node: ">=24" };
  const head = { name, version: "0.1.0", private: true, type: "module", engines, scripts };
  const runtime = bringRuntime ? { optionalDependencies: { [RUNTIME_PACKAGE]: "26.10.0" } } : {};
  return `${JSON.stringify({ ...head, dependencies, devDependencies, ...runtime }, null, 2)}\n`;
}

/** The package that holds Node for this platform. One alone, because npm links the command of each that it finds. */
const RUNTIME_PACKAGE = `${process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node"}-${process.platform}-${process.arch}`;

function readme({ name, template }: ProjectFilesOptions): string {
  const generate = template === "proto" ? "npm run generate                   # after a change in proto/\n" : "";
  return `# ${name}

\`\`\`sh
npm install
npm start                          # serves the component; Ctrl-C ends it
npx orrery ${name} greet --name=Ada   # in another terminal
npm test && npm run check
${generate}\`\`\`
`;
}

function jsonComponent(name: string, service: string): string {
  return `import { defineComponent, defineService } from "@orrery/core";
import { z } from "zod";

export const ${service} = defineService("${name}", {
  greet: {
    request: z.object({ name: z.string() }),
    reply: z.object({ text: z.string() }),
    summary: "Greets somebody by name.",
  },
});

export default defineComponent(${service}, () => ({
  greet: ({ name }) => ({ text: \`Hello, \${name}!\` }),
}));
`;
}

function protoComponent(name: string, service: string): string {
  return `import { defineComponent } from "@orrery/core";
import { ${service} } from "../gen/${snake(name)}/v1/${snake(name)}_pb.ts";

export { ${service} };

export default defineComponent(${service}, () => ({
  greet: ({ name }) => ({ text: \`Hello, \${name}!\` }),
}));
`;
}

function protoContract(name: string, service: string): string {
  return `syntax = "proto3";

package ${snake(name)}.v1;

service ${service} {
  // Greets somebody by name.
  rpc Greet(GreetRequest) returns (GreetReply);
}

message GreetRequest {
  string name = 1;
}

message GreetReply {
  string text = 1;
}
`;
}

function componentTest({ name }: ProjectFilesOptions, service: string): string {
  return `import assert from "node:assert/strict";
import { test } from "node:test";
import { createNode } from "@orrery/core";
import component, { ${service} } from "./${name}.ts";

test("${name} greets by name", async () => {
  await using node = createNode({ components: [component] });
  await node.start();
  const reply = await node.client(${service}).greet({ name: "Ada" });
  assert.equal(reply.text, "Hello, Ada!");
});
`;
}

function pascal(name: string): string {
  return name.replace(/(^|-)([a-z0-9])/g, (_, _dash, letter: string) => letter.toUpperCase());
}

function snake(name: string): string {
  return name.replaceAll("-", "_");
}
