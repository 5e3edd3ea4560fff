/** Gas of calls that went through, by contract and operation. */
export class GasFigures {
  readonly #taken = new Map<string, number[]>();

  note({ contract, operation, gas }: { readonly contract: string; readonly operation: string; readonly gas: number }) {
    const name = `${contract}.${operation}`;
    const had = this.#taken.get(name);
    if (had === undefined) this.#taken.set(name, [gas]);
    else had.push(gas);
  }

  /** Operations that were measured, with the contract before. */
  operations(): readonly string[] {
    return [...this.#taken.keys()].sort();
  }

  rows(contract: string): readonly string[] {
    return this.operations()
      .filter((name) => name.startsWith(`${contract}.`))
      .map((name) => {
        const taken = (this.#taken.get(name) ?? []).toSorted((one, other) => one - other);
        const [least, median, most] = [0, taken.length >> 1, taken.length - 1].map((at) => thousands(taken[at] ?? 0));
        return `| \`${name.slice(contract.length + 1)}\` | ${least} | ${median} | ${most} | ${taken.length} |`;
      });
  }
}

/** What deploying a contract takes. */
export type Deployed = ReadonlyMap<string, { readonly gas: number; readonly bytes: number }>;

const CONTRACTS = ["Leases", "ProviderRegistry"];

/** The page of what calls of the contracts cost, in the docs. */
export function gasPage(figures: GasFigures, deployed: Deployed): string {
  const tables = CONTRACTS.map((contract) => {
    const head = `## ${contract}\n\n| operation | least | median | most | calls |\n|---|--:|--:|--:|--:|\n`;
    const { gas = 0, bytes = 0 } = deployed.get(contract) ?? {};
    const note = `\nTo deploy it takes ${thousands(gas)} gas; its code has ${thousands(bytes)} bytes of 24,576 that a chain allows.\n`;
    return `${head}${figures.rows(contract).join("\n")}\n${note}`;
  });
  return `${HEAD}\n${tables.join("\n")}`;
}

const HEAD = `# Gas

What each call of the [contracts](../../contracts/README.md) takes, measured on the packaged EVM node over calls by chance that went through; the calls are
the same in each run, and so is the gas. A test compares this page with the run, and writes it:
\`ORRERY_WRITE=1 npm run test:unit -- packages/market/src/lease/lease-chain.test.ts\`. An address in the registry has 27 bytes.
`;

function thousands(number: number): string {
  return number.toLocaleString("en");
}
