import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, UnknownService } from "../command-error.ts";
import { LOCAL, readEnvironments } from "../environments/environments.ts";
import { LOCAL_LOOK_MS } from "../limits.ts";
import type { Terminal } from "../terminal.ts";
import { NothingRuns, openReach, type Reach } from "./reach.ts";

/** Flags that name a place of components. */
const PLACES = ["address", "directory"];
/** Flags that are about a platform. */
const ABOUT_PLATFORM = ["env", "space", "app"];

/**
 * Opens the services that a command is about: those of the place that it names; else what `orrery run` runs in this project, and, where that has
 * not what is asked for, those of the platform in use. @throws CommandError
 */
export async function openServices(input: CommandInput, terminal: Terminal): Promise<Reach> {
  const isPlaced = input.texts("with").length > 0 || PLACES.some((flag) => input.text(flag) !== undefined);
  if (isPlaced) return await openReach(input, terminal);
  const limits = isLocal(terminal) ? { timeoutMs: LOCAL_LOOK_MS } : {};
  const open = async (within = limits) => (await import("./open-platform.ts")).openPlatform(input, terminal, within);
  if (ABOUT_PLATFORM.some((flag) => input.text(flag) !== undefined)) return await open({});
  try {
    return withMore(await openReach(input, terminal), open);
  } catch (error) {
    if (!(error instanceof NothingRuns)) throw error;
    return await open().catch((away: unknown) => Promise.reject(isLocal(terminal) && isNowhere(away) ? error : away));
  }
}

/** Looks at the platform for what this project does not run. */
function withMore(own: Reach, open: () => Promise<Reach>): Reach {
  let more: Reach | undefined;
  return {
    ...own,
    get client() {
      return more?.client ?? own.client;
    },
    get space() {
      return more?.space ?? "";
    },
    find: async (said) => {
      try {
        return await own.find(said);
      } catch (error) {
        if (!(error instanceof UnknownService)) throw error;
        const found = await open().catch(() => Promise.reject(error));
        more = found;
        return await found.find(said);
      }
    },
    close: async () => {
      await more?.close();
      await own.close();
    },
  };
}

/** Whether nobody named a platform: then that none answers is no news. */
function isLocal(terminal: Terminal): boolean {
  const { env } = terminal;
  const isSaid = (env["ORRERY_SERVER"] ?? "") !== "" || (env["ORRERY_ENV"] ?? "") !== "";
  return !isSaid && readEnvironments(terminal).current === LOCAL.name;
}

function isNowhere(error: unknown): boolean {
  return error instanceof CommandError && (error.exit === EXIT.notFound || error.exit === EXIT.timeout);
}
