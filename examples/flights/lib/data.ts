import { readFileSync } from "node:fs";

/** Reads one file of the `vega-datasets` package, such as "airports.csv". @throws Error when the package has no such file. */
export function readData(name: string): string {
  return readFileSync(new URL(`../data/${name}`, import.meta.resolve("vega-datasets")), "utf8");
}
