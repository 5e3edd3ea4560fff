import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Clock, OrreryError } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import type { AttachRequest, AttachResponseSchema } from "../gen/orrery/apps/v1/apps_pb.ts";
import { ATTACH_LOOK_MS, ATTACH_TOLD_MS } from "./limits.ts";
import type { Apps } from "./system-apps.ts";

/** What an attachment is answered from. */
export interface AttachOptions {
  readonly registry: Pick<Registry, "can">;
  readonly inspect: Apps["inspect"];
  /** Who asks. */
  readonly agent: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Lets a process of whoever asks stand in for components of an app, as long as it listens. Who may run other code as the app may.
 * @throws OrreryError `permission_denied`, `failed_precondition` where the app does not run, and as `Attachments.begin`
 */
export async function* attachTo(
  { address, components, publicKey }: Pick<AttachRequest, "address" | "components" | "publicKey">,
  { registry, inspect, agent, clock, signal }: AttachOptions,
): AsyncGenerator<MessageInitShape<typeof AttachResponseSchema>> {
  await assertMayWrite(address, { registry, agent });
  const app = inspect(address);
  if (app === undefined)
    throw new OrreryError("failed_precondition", `Cannot attach to "${address}": no process of it runs, run it first`);
  const attached = app.attach({ components, publicKey });
  try {
    let peers = attached.peers();
    yield { seeds: [...attached.seeds], agent: address, isFound: false, peers: [...peers] };
    for (let [toldMs, was] = [clock.monotonic(), false]; !signal.aborted; ) {
      const isFound = attached.look();
      if (isFound !== was || attached.peers() !== peers || clock.monotonic() - toldMs >= ATTACH_TOLD_MS) {
        await assertMayWrite(address, { registry, agent });
        peers = attached.peers();
        yield { isFound, peers: [...peers] };
        [toldMs, was] = [clock.monotonic(), isFound];
      }
      await clock.sleep(ATTACH_LOOK_MS, signal);
    }
  } finally {
    attached.end();
  }
}

async function assertMayWrite(
  address: string,
  { registry, agent }: Pick<AttachOptions, "registry" | "agent">,
): Promise<void> {
  const { allowed, why } = await registry.can({ agent, verb: "write", address }, { agent });
  if (!allowed)
    throw new OrreryError("permission_denied", `Cannot attach to "${address}": ${why}`, {
      details: { agent, verb: "write", address },
    });
}
