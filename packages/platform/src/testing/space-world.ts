import { createLog, createSystemClock } from "@orrery/core";
import type { Database, Registry } from "@orrery/registry";
import { openTestRegistry } from "@orrery/registry/conformance";
import { createSpaces, type Spaces } from "../spaces/spaces.ts";
import type { TestServer } from "./databases.ts";

/** The agent of tests that may do everything. */
export const OPERATOR = { agent: "operator" };
/** Who owns every Space of a test. */
export const OWNER = { agent: "owen" };
/** Who may do nothing unless he is granted it. */
export const OTHER = { agent: "otto" };

/** A registry over an empty database, whose Spaces are made as they are needed. */
export interface SpaceWorld extends AsyncDisposable {
  readonly database: Database;
  readonly registry: Registry;
  readonly spaces: Spaces;
  /** Makes a Space that `OWNER` owns. */
  space(name?: string): Promise<string>;
  /** Lets `OTHER` do something in a Space. */
  grant(space: string, verbs: string, on: string): Promise<void>;
}

/** Opens one. */
export async function openSpaceWorld(server: TestServer): Promise<SpaceWorld> {
  const database = await server.open();
  const registry = await openTestRegistry({ database });
  let count = 0;
  return {
    database,
    registry,
    spaces: createSpaces({ registry }),
    space: async (name = `s${++count}.test`) => {
      await registry.create({ address: name, kind: "Space", owner: OWNER.agent }, OPERATOR);
      return name;
    },
    grant: async (space, verbs, on) => {
      const properties = { to: OTHER.agent, verbs, on: `${space}:${on}` };
      await registry.create({ address: `${space}:grant-${++count}`, kind: "Grant", properties }, OPERATOR);
    },
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      await database.close();
    },
  };
}

/** A log that nobody reads. */
export const SILENT = createLog({ sink: () => {}, now: () => 0, fields: {} });
/** The machine's own clock. */
export const CLOCK = createSystemClock();
