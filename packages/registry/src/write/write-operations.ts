import { OrreryError } from "@orrery/core";
import { REQUEST_ID_LENGTH_MAX } from "../limits.ts";
import type { RegistryParts } from "../open-parts.ts";
import { allResources } from "../read/all-resources.ts";
import type { Registry } from "../registry.ts";
import type { Lock } from "../resource.ts";
import { isOperator } from "../rights/decide.ts";
import { assertAdministratorsStay } from "./administrators.ts";
import { applyChange } from "./change.ts";
import { applyCreate } from "./create.ts";
import type { Draft } from "./draft.ts";
import type { By, Doing } from "./ground.ts";
import { applyLock, applyUnlock, tokenOf } from "./locks.ts";
import { applyRemove } from "./remove.ts";
import { applyReseal } from "./reseal.ts";
import { applySteps } from "./steps.ts";
import { assertWithinQuotas } from "./within-quotas.ts";

/** What a registry does that changes it. */
export type WriteOperations = Pick<Registry, "create" | "change" | "remove" | "apply" | "lock" | "unlock" | "reseal">;

/** Makes them of a registry's parts. */
export function writeOperations({ ground, store, feed, reads, writer }: RegistryParts): WriteOperations {
  const write = (apply: Apply, request: object, by: By) => {
    assertRequestId(by);
    const { agent, requestId } = by;
    const named = requestId === undefined ? {} : { request: namedRequest(requestId, request) };
    const held = async (draft: Draft) => {
      const address = await apply(draft, { by, ground });
      await assertAdministratorsStay(draft, ground.rights);
      return address;
    };
    return writer.write({ agent, apply: held, ...named });
  };
  /** It may hold secrets, so that nobody keeps it as it is. */
  const namedRequest = (id: string, request: object) => {
    const text = JSON.stringify(request);
    const { secrets } = ground;
    return { id, digest: secrets.digest(text), isAsked: (digest: string) => secrets.isDigestOf(digest, text) };
  };
  return {
    create: async (request, by) =>
      write(
        bounded((draft, doing) => applyCreate(draft, request, doing)),
        request,
        by,
      ),
    change: async (request, by) =>
      write(
        bounded((draft, doing) => applyChange(draft, request, doing)),
        request,
        by,
      ),
    remove: async (request, by) => write((draft, doing) => applyRemove(draft, request, doing), request, by),
    apply: async (steps, by) =>
      write(
        bounded((draft, doing) => applySteps(draft, steps, { ...doing, isTrusted: true })),
        steps,
        by,
      ),
    unlock: async (request, by) => write((draft, doing) => applyUnlock(draft, request, doing), request, by),
    lock: async (request, by) => {
      let lock: Lock | undefined;
      const apply = async (draft: Draft, doing: Doing) => {
        const address = await applyLock(draft, request, doing);
        lock = (await draft.get(address))?.lock;
        return address;
      };
      const { address } = await write(apply, request, by);
      lock ??= (await reads.get(address))?.lock; // Where it was done before, under the name of the request.
      if (lock?.holder === by.agent) return { token: tokenOf(lock), fence: lock.fence, until: lock.until };
      throw new OrreryError("aborted", `Cannot lock "${address}": the lock of that request has ended`);
    },
    reseal: async ({ agent }) => {
      if (!isOperator(agent, ground.rights))
        throw new OrreryError("permission_denied", `Cannot close secrets anew as "${agent}": only operators may`);
      await writer.write({ agent, apply: async () => "" }); // What is under way was closed with another key, maybe.
      let count = 0;
      for await (const { address, secrets = {} } of allResources(store)) {
        if (Object.values(secrets).every((sealed) => ground.secrets.isCurrent(sealed))) continue;
        await writer.write({ agent, apply: (draft) => applyReseal(draft, address, ground, agent) });
        count++;
      }
      await store.compact(feed.revision(), ground.now()); // Changes hold what the old keys closed.
      return count;
    },
  };
}

/** What a write does to a draft; gives the address that it is about. */
type Apply = (draft: Draft, doing: Doing) => Promise<string>;

/** What brings content, held to quotas. */
function bounded(apply: Apply): Apply {
  return async (draft, doing) => {
    const address = await apply(draft, doing);
    await assertWithinQuotas(draft, doing.ground);
    return address;
  };
}

function assertRequestId({ requestId }: By): void {
  if (requestId === undefined || (requestId.length > 0 && requestId.length <= REQUEST_ID_LENGTH_MAX)) return;
  const why = `it has from 1 to ${REQUEST_ID_LENGTH_MAX} characters`;
  throw new OrreryError("invalid_argument", `Cannot use request name "${requestId.slice(0, 40)}": ${why}`);
}
