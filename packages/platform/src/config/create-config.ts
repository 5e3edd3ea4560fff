import { type Clock, type JsonValue, OrreryError } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import type { SecretBox } from "@orrery/registry";
import type { CoreService } from "../spaces/core-service.ts";
import type { Spaces } from "../spaces/spaces.ts";
import type { Config, ConfigCaller, ConfigPlaceRequest, GetConfig, SetConfig } from "./config.ts";
import { createBells, keyOf } from "./config-bells.ts";
import { configJson, EMPTY_CONFIG, findNode, secretPaths, writeConfig } from "./config-node.ts";
import { type ConfigParts, documentOf, secretAbout, withKey } from "./config-parts.ts";
import { type ConfigPath, parseConfigPath, printConfigPath } from "./config-path.ts";
import { applyLeaves, changedPaths, planSteps } from "./config-steps.ts";
import type { ConfigPlace, ConfigRecord, ConfigStore } from "./config-store.ts";
import { readHistory } from "./read-history.ts";
import { resealConfig } from "./reseal-config.ts";
import { watchConfig } from "./watch-config.ts";

/** Options of `createConfig`. */
export interface ConfigOptions {
  /** The way into Spaces. */
  readonly spaces: Spaces;
  readonly store: ConfigStore;
  /** Closes secrets. Default: there is no key, secrets are refused. */
  readonly secrets?: SecretBox;
  readonly clock: Clock;
  /** Whether others write to the same database; then what they wrote is seen after up to a second. Default: false. */
  readonly isShared?: boolean;
}

/** Makes the config of all Spaces of a registry. */
export function createConfig(options: ConfigOptions): Config {
  const { spaces, store, secrets: box, clock, isShared = false } = options;
  const bells = createBells();
  const oneAtATime = createOneAtATime();
  const over = new AbortController();
  const wish = ({ space = "", scope = "" }: ConfigPlaceRequest, service: CoreService, verb: "read" | "write") => {
    return { space, service, part: scope === "" ? [] : [scope], verb };
  };
  const enter: ConfigParts["enter"] = async (request, by, verb) => {
    const { id } = await spaces.enter(wish(request, "config", verb), by);
    return { space: id, scope: request.scope ?? "" };
  };
  const parts: ConfigParts = { store, clock, isShared, bells, enter };
  return {
    get: async (request, by) => {
      const path = parseConfigPath(request.path ?? "");
      const place = await enter(request, by, "read");
      if (request.secrets === true) await spaces.enter(wish(request, "secrets", "read"), by);
      return readAt(await store.read(place), { path, place, request, box });
    },
    set: async (request, by) => {
      const place = await enter(request, by, "write");
      const written = await oneAtATime(keyOf(place), () => setOnce(place, { request, by, store, box, clock }));
      if (written.changed) bells.ring(place);
      return written;
    },
    history: (request, by) => readHistory(request, by, parts),
    watch: (request, { agent, signal }) => {
      const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
      return watchConfig(request, { agent, signal: either }, parts);
    },
    reseal: () => resealConfig({ store, box }),
    spaces: () => store.spaces(),
    drop: async (space) => {
      await store.drop(space);
      bells.ringAll(space);
    },
    [Symbol.dispose]: () => over.abort(),
  };
}

interface Reading {
  readonly path: ConfigPath;
  readonly place: ConfigPlace;
  readonly request: GetConfig;
  readonly box: SecretBox | undefined;
}

function readAt(record: ConfigRecord | undefined, { path, place, request, box }: Reading) {
  const found = findNode(documentOf(record), path);
  if (found === undefined) {
    const where = place.scope === "" ? "" : ` of scope "${place.scope}"`;
    throw new OrreryError("not_found", `Cannot get config "${request.path}"${where}: nothing is set there`, {
      details: { path: request.path ?? "" },
    });
  }
  const open = (sealed: string, at: ConfigPath) =>
    JSON.parse(withKey(box, "show a secret").open(sealed, secretAbout(place, at))) as JsonValue;
  const value = configJson(found, path, request.secrets === true ? open : () => "[secret]");
  return { value, version: record?.version ?? 0, secretPaths: secretPaths(found, path) };
}

interface Setting {
  readonly request: SetConfig;
  readonly by: ConfigCaller;
  readonly store: ConfigStore;
  readonly box: SecretBox | undefined;
  readonly clock: Clock;
}

async function setOnce(place: ConfigPlace, { request, by, store, box, clock }: Setting) {
  const leaves = planSteps(request, (value, path) =>
    withKey(box, `set secret "${printConfigPath(path)}"`).seal(JSON.stringify(value), secretAbout(place, path)),
  );
  let written = { version: 0, changed: false };
  await store.change(place, (record) => {
    const from = record?.version ?? 0;
    assertVersion(request, from);
    const document = applyLeaves(documentOf(record), leaves);
    const changed = document !== (record?.document ?? NOTHING);
    const version = changed ? from + 1 : from;
    written = { version, changed };
    const change = { version, at: Math.floor(clock.now()), agent: by.agent, paths: changedPaths(leaves) };
    return changed ? { document, change } : undefined;
  });
  return written;
}

const NOTHING = JSON.stringify(writeConfig(EMPTY_CONFIG));

function assertVersion({ ifVersion }: SetConfig, version: number): void {
  if (ifVersion === undefined || ifVersion === version) return;
  throw new OrreryError(
    "aborted",
    `Cannot set config at version ${ifVersion}: it is at ${version}, get it anew and try again`,
    { details: { version } },
  );
}
