import { rotateSecrets, UpkeepService } from "@orrery/registry/upkeep";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { openServer } from "../resources/server.ts";
import type { Terminal } from "../terminal.ts";
import { ROTATE_TIMEOUT_MS } from "./limits.ts";
import { openStopped, openStoppedRegistry, stoppedFolder } from "./open-stopped.ts";

const OPERATOR = "operator";

/** `orrery secrets rotate` */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const folder = stoppedFolder(input, terminal);
  const { resources, key } = await (folder === undefined
    ? onServer(input, terminal)
    : inFolder(folder, input, terminal));
  const isJson = input.text("output") === "json";
  const text = `Rotated to key ${key}: secrets of ${resources} resources are closed anew, older keys are gone\n`;
  await terminal.write(isJson ? `${JSON.stringify({ key, resources })}\n` : text);
  if (!isJson) terminal.say("Copies of secrets.key that were made before open older backups alone: make a new one");
  return EXIT.done;
}

interface Rotated {
  readonly resources: number;
  readonly key: string;
}

async function onServer(input: CommandInput, terminal: Terminal): Promise<Rotated> {
  const server = await openServer(input, terminal);
  try {
    const service = server.node.client(UpkeepService);
    const timeoutMs = input.text("timeout") === undefined ? ROTATE_TIMEOUT_MS : server.timeoutMs;
    const { resources, key } = await service.rotateSecrets({ alone: input.has("alone") }, { timeoutMs });
    return { resources: Number(resources), key };
  } catch (error) {
    throw server.explain(error);
  } finally {
    await server.close();
  }
}

async function inFolder(folder: string, input: CommandInput, terminal: Terminal): Promise<Rotated> {
  await using stopped = await openStopped(folder, input, terminal);
  await using opened = await openStoppedRegistry(stopped);
  return await rotateSecrets({ ...opened, operators: [OPERATOR] }, { agent: OPERATOR });
}
