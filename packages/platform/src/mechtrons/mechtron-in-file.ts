import { bytes, type Component, defineService, json, type Service } from "@orrery/core";
import type { Cage } from "../cage/cage.ts";
import { type MechtronComponentOptions, mechtronComponent, type OpenState } from "../cage/mechtron-component.ts";
import type { MechtronLimits } from "../cage/mechtron-limits.ts";
import { callForGuest } from "../local/guest-service.ts";
import type { PersistRule } from "../stateful/persist-rule.ts";
import { openSoleMember } from "../stateful/sole-member.ts";
import { createForgetfulStore } from "../stateful/state-store.ts";
import { MESSAGE_TIMEOUT_MAX_MS } from "./limits.ts";

/** A mechtron, as an `orrery.yaml` names it. */
export interface MechtronInFile {
  readonly name: string;
  /** The file of its code, from the folder of the app's file. */
  readonly path: string;
  /** What it answers in JSON. */
  readonly methods: readonly string[];
  readonly settings?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly limits: MechtronLimits;
  /** What becomes of what it remembers. Default: it forgets with each message. */
  readonly persist?: PersistRule | undefined;
}

/** What a mechtron is made a component with. */
export interface MechtronInFileParts {
  readonly cage: Pick<Cage, "createMechtron">;
  readonly code: Uint8Array;
  readonly artifact: (path: string) => Uint8Array | undefined;
  /** Opens what it remembers where that is to outlive its process. */
  readonly openFiles: OpenState;
}

/**
 * Makes a component of a mechtron where there is no platform: its service has its name and methods; without methods it takes encoded messages.
 * What it calls of others is answered by the components of `createLocalPlatform`.
 * @throws OrreryError `invalid_argument` for code or limits that cannot be accepted
 */
export function mechtronInFile(
  { name, path, methods, settings, limits, persist }: MechtronInFile,
  { cage, code, artifact, openFiles }: MechtronInFileParts,
): Component {
  const options: MechtronComponentOptions = {
    ...{ cage, name, code },
    limits: { wallMs: MESSAGE_TIMEOUT_MAX_MS, ...limits }, // Time comes with the message, as on a platform.
    service: serviceInFile({ name, methods }),
    kind: path.endsWith(".wasm") ? "wasm" : "script",
    ...(settings && { config: settings }),
    artifacts: async (one) => artifact(one),
    host: (request, context) => callForGuest(name, request, context),
  };
  const openNone: OpenState = ({ clock }) => openSoleMember({ name, clock, store: createForgetfulStore() });
  return mechtronComponent(options, persist === undefined ? undefined : persist === "None" ? openNone : openFiles);
}

/** The service of a mechtron that is a component: of its name, with its methods, and one that takes encoded messages, such as HTTP. */
function serviceInFile({ name, methods }: { readonly name: string; readonly methods: readonly string[] }): Service {
  const said = methods.map((one) => [one, { request: json(), reply: json() }] as const);
  return defineService(name, { handle: { request: bytes, reply: bytes }, ...Object.fromEntries(said) });
}
