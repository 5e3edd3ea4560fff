import { after, before, describe } from "node:test";
import { TEST_SERVERS, type TestServer } from "./conformance/system-test-servers.ts";
import { testRegistry } from "./testing/registry-suite.ts";

for (const [name, start] of Object.entries(TEST_SERVERS))
  describe(`a registry on ${name}`, () => {
    let server: TestServer | undefined;
    before(async () => {
      server = await start();
    });
    after(() => server?.close());
    testRegistry(() => server as TestServer);
  });
