import { resolve } from "node:path";
import { createNode, createSystemClock } from "@orrery/core";
import { createHttpDoor } from "@orrery/http";
import {
  createKeyService,
  createSignatureChecks,
  createWalletDoor,
  KeyService,
  openPlainSealer,
  openTpmSealer,
} from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { parsePort } from "../parse-port.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { namedWallet } from "./open-wallet.ts";
import { measureOwnBase } from "./own-base.ts";
import { onlyWallet } from "./wallets.ts";

const FOLDER = ".orrery/key-service";
const PORT = "7760";

/** Runs a key service until somebody ends it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const asked = Promise.withResolvers<void>();
  terminal.onInterrupt(() => asked.resolve());
  const { account } = namedWallet(input, terminal) ?? onlyWallet(terminal);
  const folder = resolve(terminal.cwd, input.text("folder") ?? FOLDER);
  const port = parsePort(input.text("port") ?? PORT, "port");
  const clock = createSystemClock();
  const sealer = await openSealer(folder, input.text("tpm"));
  await using keeper = await createKeyService({
    ...{ folder, sealer, account, clock, signatures: createSignatureChecks() },
  });
  const node = createNode({ components: [keeper.component] });
  await node.start();
  const door = createHttpDoor({
    node,
    services: [KeyService],
    authenticate: createWalletDoor({ audience: account, clock }),
  });
  try {
    const url = await door.listen({ host: input.text("host") ?? "127.0.0.1", port });
    const facts = { url, account, sealTo: keeper.sealTo, folder, sealed: sealer.kind };
    const isJson = input.text("output") === "json";
    await terminal.write(isJson ? `${JSON.stringify({ event: "ready", ...facts })}\n` : textOf(facts));
    await asked.promise;
    terminal.say("Ending the key service");
  } finally {
    await door.close();
    await node.stop();
  }
  return EXIT.done;
}

async function openSealer(folder: string, tcti: string | undefined) {
  const own = resolve(folder, "sealer");
  if (tcti === undefined) return openPlainSealer({ folder: own });
  return openTpmSealer({ tcti, folder: own, base: await measureOwnBase() });
}

function textOf({ url, account, sealTo, folder, sealed }: Record<string, string>): string {
  const how =
    sealed === "none" ? "in a file: whoever has the disk opens all, use --tpm" : "by the TPM, to this program's files";
  const rows = [
    ["account", account ?? ""],
    ["keys are wrapped to", sealTo ?? ""],
    ["its own key is closed", how],
    ["folder", folder ?? ""],
  ];
  return `${[`Key service is up at ${url}`, ...table(rows, 2)].join("\n")}\n`;
}
