import { after, before, describe } from "node:test";
import { TEST_SERVERS, type TestServer } from "../conformance/system-test-servers.ts";
import { testBundles } from "../testing/bundles-suite.ts";

for (const name of ["PGlite", "PostgreSQL 18, managed"] as const)
  describe(`bundles of a registry on ${name}`, () => {
    let server: TestServer | undefined;
    before(async () => {
      server = await TEST_SERVERS[name]?.();
    });
    after(() => server?.close());
    testBundles(() => server as TestServer);
  });
