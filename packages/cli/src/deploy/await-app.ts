import { RegistryService, type ResourceMessage } from "@orrery/registry/service";
import { CommandError, EXIT } from "../command-error.ts";
import { formatTime } from "../operate/format.ts";
import type { ResourceContext } from "../resources/resource-command.ts";
import type { Server } from "../resources/server.ts";

/** What an app is waited for. */
export interface AwaitAppOptions {
  readonly address: string;
  /** What it is to run, and how it is checked before. */
  readonly config: string;
  readonly check: string;
  readonly waitMs: number;
  /** Told each phase that it comes to. */
  readonly onPhase: (phase: string) => void;
  /** Told each line of what is wrong with its code. */
  readonly onBuild: (line: string) => void;
}

/** Waits until an app runs what it was told. @throws CommandError where it cannot, with why; exit 5 where it takes longer */
export async function awaitApp(
  { address, config, check, waitMs, onPhase, onBuild }: AwaitAppOptions,
  { server }: ResourceContext,
): Promise<void> {
  let last = "";
  const late = `Cannot wait any longer for "${address}": after ${formatTime(waitMs)} it is`;
  await follow(address, { server, waitMs, late: () => `${late} ${last}` }, (resource) => {
    if (resource === undefined) throw new CommandError(`Cannot wait for "${address}": somebody removed it`);
    const { reason = "", details = {} } = resource.status ?? {};
    const facts = details as Readonly<Record<string, unknown>>;
    const phase = facts["config"] === config && facts["check"] === check ? String(facts["phase"]) : "pending";
    if (phase !== last) onPhase(phase);
    last = phase;
    if (phase === "error" && Array.isArray(facts["build"])) for (const line of facts["build"]) onBuild(String(line));
    if (phase === "error")
      throw new CommandError(reason.startsWith("Cannot ") ? reason : `Cannot run "${address}": ${reason}`, {
        tip: `orrery status ${address}`,
      });
    return phase === "running";
  });
}

/** Waits until a resource is gone. @throws CommandError with exit 5 where it takes longer */
export async function awaitGone(address: string, waitMs: number, { server }: ResourceContext): Promise<void> {
  const late = () => `Cannot wait any longer for "${address}": after ${formatTime(waitMs)} it is still being removed`;
  await follow(address, { server, waitMs, late }, (resource) => resource === undefined);
}

interface Following {
  readonly server: Server;
  readonly waitMs: number;
  readonly late: () => string;
}

/** Shows a resource, and each time that it has changed, until that is enough; undefined is one that is gone. */
async function follow(
  address: string,
  { server, waitMs, late }: Following,
  isEnough: (resource: ResourceMessage | undefined) => boolean,
): Promise<void> {
  const { resources, revision } = await server.ask((registry, options) =>
    registry.list({ selector: address }, options),
  );
  if (isEnough(resources[0])) return;
  try {
    const options = { timeoutMs: waitMs, idleMs: waitMs };
    const changes = server.node.client(RegistryService).watch({ selector: address, after: revision }, options);
    for await (const { resource, parts } of changes)
      if (resource !== undefined && isEnough(parts.includes("removed") ? undefined : resource)) return;
  } catch (error) {
    if ((error as { kind?: unknown }).kind === "timeout") throw new CommandError(late(), { exit: EXIT.timeout });
    throw server.explain(error);
  }
  throw new CommandError(`Cannot wait for "${address}": the server has ended`);
}
