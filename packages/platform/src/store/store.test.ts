import { after, before, describe } from "node:test";
import { TEST_SERVERS, type TestServer } from "../testing/databases.ts";
import { openSpaceWorld, type SpaceWorld } from "../testing/space-world.ts";
import { closeStores } from "../testing/store/open-store.ts";
import { testStoreLists } from "../testing/store/store-lists-suite.ts";
import { testStore } from "../testing/store/store-suite.ts";

for (const [name, start] of Object.entries(TEST_SERVERS))
  describe(`createSpaceStore on ${name}`, () => {
    let server: TestServer;
    let world: SpaceWorld;
    before(async () => {
      server = await start();
      world = await openSpaceWorld(server);
    });
    after(async () => {
      await closeStores();
      await world?.[Symbol.asyncDispose]();
      await server?.close();
    });
    testStore(() => world);
    testStoreLists(() => world);
  });
