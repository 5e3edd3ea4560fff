import { checkOwners, type OwnersFound, UpkeepService } from "@orrery/registry/upkeep";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { openServer } from "../resources/server.ts";
import type { Terminal } from "../terminal.ts";
import { ROTATE_TIMEOUT_MS } from "./limits.ts";
import { openStopped, openStoppedRegistry, stoppedFolder } from "./open-stopped.ts";

const OPERATOR = "operator";

/** `orrery fsck owners` */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const folder = stoppedFolder(input, terminal);
  const found = await (folder === undefined ? onServer(input, terminal) : inFolder(folder, input, terminal));
  const { brokenCount, broken, resources, owners, steps } = found;
  if (input.text("output") === "json")
    await terminal.write(`${JSON.stringify({ resources, owners, steps, broken: brokenCount, found: broken })}\n`);
  else {
    await terminal.write(broken.map(({ address, owner, why }) => `${address}  owner "${owner}": ${why}\n`).join(""));
    const what = `${count(resources, "resource")}, ${count(owners, "owner")}, at most ${count(steps, "step")} to a User or an operator`;
    await terminal.write(`${brokenCount} broken: ${what}\n`);
  }
  if (brokenCount === 0) return EXIT.done;
  if (input.text("output") !== "json") terminal.say(`Try: orrery chown AGENT ${broken[0]?.address ?? "ADDRESS"}`);
  return EXIT.failed;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

async function onServer(input: CommandInput, terminal: Terminal): Promise<OwnersFound> {
  const server = await openServer(input, terminal);
  try {
    const service = server.node.client(UpkeepService);
    const timeoutMs = input.text("timeout") === undefined ? ROTATE_TIMEOUT_MS : server.timeoutMs;
    const { resources, owners, brokenCount, ...found } = await service.checkOwners({}, { timeoutMs });
    const broken = found.broken.map(({ address, owner, why }) => ({ address, owner, why }));
    const counts = { resources: Number(resources), owners: Number(owners), brokenCount: Number(brokenCount) };
    return { ...counts, steps: found.steps, broken };
  } catch (error) {
    throw server.explain(error);
  } finally {
    await server.close();
  }
}

async function inFolder(folder: string, input: CommandInput, terminal: Terminal): Promise<OwnersFound> {
  await using stopped = await openStopped(folder, input, terminal);
  await using opened = await openStoppedRegistry(stopped);
  return await checkOwners({ ...stopped, ...opened, operators: [OPERATOR] }, { agent: OPERATOR });
}
