import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Measurement, measureBase } from "@orrery/market";
import { packageFile } from "../package-file.ts";

/** Measures what this program runs on: the code of the command and of the market, and Node. */
export function measureOwnBase(): Promise<readonly Measurement[]> {
  const isBuilt = import.meta.url.includes("/dist/");
  return measureBase({
    command: packageFile(isBuilt ? "dist" : "src"),
    market: dirname(fileURLToPath(import.meta.resolve("@orrery/market"))),
    node: process.execPath,
  });
}
