import { after, before, describe } from "node:test";
import { TEST_SERVERS, type TestServer } from "../conformance/system-test-servers.ts";
import { testTags } from "../testing/tags-suite.ts";

for (const name of ["PGlite", "PostgreSQL 18, managed"] as const)
  describe(`a registry with tags on ${name}`, () => {
    let server: TestServer | undefined;
    before(async () => {
      server = await TEST_SERVERS[name]?.();
    });
    after(() => server?.close());
    testTags(() => server as TestServer);
  });
