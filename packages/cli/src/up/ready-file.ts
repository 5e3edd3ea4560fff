import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { READY_FILE } from "../environments/ready-file.ts";

/** Says in the data folder where its platform is, for environments that name the folder; goes with it. Gives the address of its node. */
export function writeReadyFile(
  folder: string,
  { addresses, http, web }: { readonly addresses: readonly string[]; readonly http: string; readonly web: string },
): Disposable & { readonly address: string } {
  const file = join(folder, READY_FILE);
  const address = addresses.find((one) => one.startsWith("tcp:")) ?? "";
  writeFileSync(file, `${JSON.stringify({ address, http, web })}\n`);
  return { address, [Symbol.dispose]: () => rmSync(file, { force: true }) };
}
