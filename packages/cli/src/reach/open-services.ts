import type { CommandInput } from "../command.ts";
import { UnknownService } from "../command-error.ts";
import { LOCAL, readEnvironments } from "../environments/environments.ts";
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
  const open = async () => (await import("./open-platform.ts")).openPlatform(input, terminal);
  if (ABOUT_PLATFORM.some((flag) => input.text(flag) !== undefined)) return await open();
  const isWorthIt = async () => !isLocal(terminal) || (await (await import("./local-platform.ts")).isPlatformHere());
  try {
    return withMore(await openReach(input, terminal), async () => ((await isWorthIt()) ? await open() : undefined));
  } catch (error) {
    if (!(error instanceof NothingRuns) || !(await isWorthIt())) throw error;
    return await open();
  }
}

/** Looks at the platform for what this project does not run. */
function withMore(own: Reach, open: () => Promise<Reach | undefined>): Reach {
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
        if (found === undefined) throw error;
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

/** Whether nobody named a platform: then there may be none. */
function isLocal(terminal: Terminal): boolean {
  const { env } = terminal;
  const isSaid = (env["ORRERY_SERVER"] ?? "") !== "" || (env["ORRERY_ENV"] ?? "") !== "";
  return !isSaid && readEnvironments(terminal).current === LOCAL.name;
}
