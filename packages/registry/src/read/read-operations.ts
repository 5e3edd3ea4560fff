import { OrreryError } from "@orrery/core";
import { resolveTags } from "../bundles/resolve-tags.ts";
import type { PropertyValue } from "../kinds/kind.ts";
import type { RegistryParts } from "../open-parts.ts";
import { heldUnder, placesOf, type QuotaState, quotasOf } from "../quotas/quota.ts";
import type { Registry } from "../registry.ts";
import type { Resource } from "../resource.ts";
import { isOperator, type RightsRules } from "../rights/decide.ts";
import { secretPlace } from "../secret-box.ts";
import { assertMay, type By, existing, judge, judgeAlike, localAddress, type Reads } from "../write/ground.ts";
import { ownerByDefault } from "../write/owners.ts";
import { listPage } from "./list-page.ts";
import { viewOf } from "./view.ts";
import { watchChanges } from "./watch-changes.ts";
import { createWatchCount } from "./watch-count.ts";

/** What a registry does that changes nothing. */
export type ReadOperations = Pick<
  Registry,
  "get" | "reveal" | "list" | "quotas" | "watch" | "watchers" | "can" | "whoami" | "kinds" | "revision"
>;

/** Makes what finds a resource in somebody's name; tags stand for versions. @throws OrreryError `not_found`, `permission_denied` */
export function readOf(over: {
  readonly reads: Reads;
  readonly rights: RightsRules;
}): (text: string, by: By) => Promise<Resource> {
  return async (text, { agent }) => {
    const address = await resolveTags(localAddress(text), async (tag) => {
      await assertMay({ agent, verb: "read", address: tag }, over);
      return over.reads.get(tag);
    });
    await assertMay({ agent, verb: "read", address }, over);
    return existing(over.reads, address, "read");
  };
}

/** Makes them of a registry's parts. */
export function readOperations({ ground, feed, reads }: RegistryParts): ReadOperations {
  const { kinds, rights, secrets } = ground;
  const over = { reads, rights };
  const read = readOf(over);
  const watches = createWatchCount();
  return {
    get: async (address, by) => viewOf(await read(address, by)),
    reveal: async ({ address: text, property }, by) => {
      const { address, kind, secrets: closed } = await read(text, by);
      const failing = `Cannot reveal "${property}" of "${address}"`;
      if (!isOperator(by.agent, rights) && kinds.get(kind).data.driver !== by.agent)
        throw new OrreryError("permission_denied", `${failing} as "${by.agent}": only its driver and operators may`);
      const sealed = closed?.[property];
      if (sealed === undefined) throw new OrreryError("not_found", `${failing}: it has no such secret`);
      return JSON.parse(secrets.open(sealed, secretPlace(address, property))) as PropertyValue;
    },
    list: (request, by) => listPage(request, by, { ...over, feed }),
    quotas: async (text, { agent }) => {
      const found: QuotaState[] = [];
      for (const address of placesOf(localAddress(text))) {
        const resource = await reads.get(address);
        if (resource === undefined || !(await judge({ agent, verb: "read", address }, over)).allowed) continue;
        for (const quota of quotasOf(resource)) {
          const held = await heldUnder(quota, resource, ground.held);
          found.push({ ...quota, bytes: (await reads.stored(quota)) + held, ...(held > 0 && { held }) });
        }
      }
      return found;
    },
    watch: (request, by) => {
      const watch = watchChanges(request, by, { ...over, feed });
      return request.isCounted === true ? watches.counted(request, watch) : watch;
    },
    watchers: async (address, by) => watches.of(await read(address, by)),
    can: async ({ agent, verb, address: text }, by) => {
      const address = text === "" ? "" : localAddress(text);
      if (agent !== by.agent && address !== "") await assertMay({ agent: by.agent, verb: "read", address }, over);
      return judgeAlike({ agent, verb, address }, over);
    },
    whoami: async ({ agent }) => ({
      agent,
      isOperator: isOperator(agent, rights),
      owner: await ownerByDefault(reads, { by: { agent }, ground }),
      roles: rights.grants.rolesOf(agent),
    }),
    kinds: kinds.all,
    revision: feed.revision,
  };
}
