import type { MessageInitShape } from "@bufbuild/protobuf";
import { ConfigService } from "@orrery/platform/services";
import type { ResourceContext } from "../resources/resource-command.ts";
import { asked } from "../spaces/space-place.ts";

type SetMessage = MessageInitShape<(typeof ConfigService)["method"]["set"]["input"]>;

/** Asks to set, and says what came of it. Gives whether anything changed. */
export async function setConfig(
  request: SetMessage,
  { done, next }: { readonly done: string; readonly next: string },
  { server, terminal, isJson }: ResourceContext,
): Promise<boolean> {
  const { timeoutMs } = server;
  const { version, changed } = await asked(server, () => server.node.client(ConfigService).set(request, { timeoutMs }));
  if (isJson) await terminal.write(`${JSON.stringify({ version: Number(version), changed })}\n`);
  else if (changed) await terminal.write(`${done} at version ${version}\n`);
  else terminal.say(`Nothing to change: it is so since version ${version} or before`);
  if (!isJson && changed) terminal.say(`Next: orrery ${next}`);
  return changed;
}
