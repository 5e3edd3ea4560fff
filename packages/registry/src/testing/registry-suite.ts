import type { TestServer } from "../conformance/system-test-servers.ts";
import { openTestRegistry } from "../conformance/test-registry.ts";
import type { Kind } from "../kinds/kind.ts";
import type { RegistryOptions } from "../open-parts.ts";
import { testIdentity } from "./registry-cases-identity.ts";
import { testKinds } from "./registry-cases-kinds.ts";
import { testLocks } from "./registry-cases-locks.ts";
import { testOwners } from "./registry-cases-owners.ts";
import { testResources } from "./registry-cases-resources.ts";
import { testRights } from "./registry-cases-rights.ts";
import { testWatches } from "./registry-cases-watches.ts";

/** What every registry does, whichever PostgreSQL it is kept in. */
export function testRegistry(server: () => TestServer): void {
  const open = async (kinds: readonly Kind[] = [], options: Partial<RegistryOptions> = {}) =>
    openTestRegistry({ ...options, database: await server().open(), kinds });
  testResources(open);
  testKinds(open);
  testRights(open);
  testOwners(open);
  testIdentity(open);
  testLocks(open);
  testWatches(open);
}
