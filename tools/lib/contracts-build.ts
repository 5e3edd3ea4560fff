import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { listFiles, ROOT } from "./project.ts";

/** Where compiled contracts are kept for whoever deploys them. */
export const CONTRACTS_PAGE = "packages/market/src/gen/contracts.ts";

/** Contracts that are deployed: those of the market, a coin for benches, and what tests read by. */
const DEPLOYED = ["Leases", "ProviderRegistry", "Coin", "Lens"] as const;

const SETTINGS = {
  optimizer: { enabled: true, runs: 200 },
  viaIR: true,
  evmVersion: "prague",
  metadata: { bytecodeHash: "none" },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
} as const;

interface Compiler {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } | { error: string } }): string;
  version(): string;
}

interface Complaint {
  readonly severity: string;
  readonly formattedMessage: string;
  readonly sourceLocation?: { readonly file: string };
}

interface Compiled {
  readonly errors?: readonly Complaint[];
  readonly contracts?: Readonly<
    Record<string, Readonly<Record<string, { abi: unknown; evm: { bytecode: { object: string } } }>>>
  >;
}

/** Compiles the contracts with the packaged compiler and writes them. @throws Error with what the compiler says */
export function writeContracts(): void {
  writeFileSync(join(ROOT, CONTRACTS_PAGE), compile());
}

/** Whether what is written comes from the sources as they are: each side has a digest. Compiling takes seconds, so it is not done for this. */
export function areContractsFresh(): boolean {
  const text = readFileSync(join(ROOT, CONTRACTS_PAGE), "utf8");
  const [, from, of] = /^\/\/ From sources (\w+), content (\w+)$/m.exec(text) ?? [];
  return from === sourcesDigest() && of === digest(contentOf(text));
}

function compile(): string {
  const solc = createRequire(import.meta.url)("solc") as Compiler;
  const sources = Object.fromEntries(sourceFiles().map((path) => [path, { content: read(path) }]));
  const input = JSON.stringify({ language: "Solidity", sources, settings: SETTINGS });
  const { errors = [], contracts = {} } = JSON.parse(solc.compile(input, { import: resolveImport })) as Compiled;
  const bad = errors.filter((one) => one.severity === "error" || !isOfLibrary(one));
  if (bad.length > 0) throw new Error(bad.map(({ formattedMessage }) => formattedMessage).join("\n"));
  const parts = DEPLOYED.map((name) => {
    const found = Object.values(contracts).find((one) => name in one)?.[name];
    if (found === undefined) throw new Error(`Cannot compile contract "${name}": no source has it`);
    const { abi, evm } = found;
    const text = `export const ${name} = { abi: ${JSON.stringify(abi)}, bytecode: "0x${evm.bytecode.object}" } as const;\n`;
    return `/** The contract ${name}: its interface, and the code that makes one. */\n${text}`;
  });
  const content = `\n${parts.join("\n")}`;
  const head = `// Compiled by solc ${solc.version()}. Do not edit: "npm run generate" writes it.\n`;
  return `${head}// From sources ${sourcesDigest()}, content ${digest(content)}\n${content}`;
}

/** Warnings of libraries are theirs; ours are errors. */
function isOfLibrary({ sourceLocation }: Complaint): boolean {
  return sourceLocation?.file.startsWith("@") === true;
}

function contentOf(text: string): string {
  return text.split("\n").slice(2).join("\n");
}

function sourceFiles(): readonly string[] {
  return listFiles(["contracts/src/*.sol", "contracts/test/Coin.sol", "contracts/test/Lens.sol"]);
}

function sourcesDigest(): string {
  const manifest = JSON.parse(read("contracts/package.json")) as { devDependencies: object };
  return digest([...sourceFiles().map(read), JSON.stringify([SETTINGS, manifest.devDependencies])].join("\n"));
}

function resolveImport(path: string): { contents: string } | { error: string } {
  try {
    return { contents: readFileSync(join(ROOT, path.startsWith("@") ? join("node_modules", path) : path), "utf8") };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
