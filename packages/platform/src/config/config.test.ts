import { after, before, describe } from "node:test";
import { testConfigSecrets } from "../testing/config/config-secrets-suite.ts";
import { testConfig } from "../testing/config/config-suite.ts";
import { testConfigWatches } from "../testing/config/config-watch-suite.ts";
import { TEST_SERVERS, type TestServer } from "../testing/databases.ts";
import { openSpaceWorld, type SpaceWorld } from "../testing/space-world.ts";

for (const [name, start] of Object.entries(TEST_SERVERS))
  describe(`createConfig on ${name}`, () => {
    let server: TestServer;
    let world: SpaceWorld;
    before(async () => {
      server = await start();
      world = await openSpaceWorld(server);
    });
    after(async () => {
      await world?.[Symbol.asyncDispose]();
      await server?.close();
    });
    testConfig(() => world);
    testConfigSecrets(() => world);
    testConfigWatches(() => world);
  });
