import type { SpacePlan } from "@orrery/registry";
import type { Route } from "../bind/bind.ts";
import type { WebRequest } from "./answer.ts";
import type { ServedFile } from "./answer-file.ts";
import { WARM_FILES_MAX, WARM_PATH_LENGTH_MAX } from "./limits.ts";
import type { Lookout } from "./lookout.ts";

/** Where a request for a file led. */
export interface WarmFile {
  readonly route: Route;
  readonly file: ServedFile;
  readonly space: string;
  /** Absent: it bounds nothing. */
  readonly plan?: SpacePlan;
}

/** Files by host and path, as the registry has them at its newest revision: all of them are forgotten with the next one. */
export interface WarmFiles {
  get(request: WebRequest): WarmFile | undefined;
  /** Keeps what was found, if nothing was written since the revision `of`. */
  put(request: WebRequest, file: WarmFile, of: number | undefined): void;
}

/** Makes an empty memory. */
export function createWarmFiles(lookout: Pick<Lookout, "exact">): WarmFiles {
  const files = new Map<string, WarmFile>();
  let revision: number | undefined;
  return {
    get: ({ method, host, path }) => {
      if (revision === undefined || lookout.exact() !== revision) return undefined;
      const known = files.get(`${host} ${path}`);
      return known?.route.methods.includes(method) ? known : undefined;
    },
    put: ({ host, path }, file, of) => {
      if (of === undefined || lookout.exact() !== of || path.length > WARM_PATH_LENGTH_MAX) return;
      if (revision !== of || files.size >= WARM_FILES_MAX) files.clear();
      revision = of;
      files.set(`${host} ${path}`, file);
    },
  };
}
