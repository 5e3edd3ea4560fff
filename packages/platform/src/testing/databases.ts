import { TEST_SERVERS as SERVERS, type TestServer } from "@orrery/registry/conformance";

export type { TestServer } from "@orrery/registry/conformance";

/** The servers on which what is kept for Spaces must work, by what they are. The registry's own tests show that an old PostgreSQL is one like a new one. */
export const TEST_SERVERS: Readonly<Record<string, () => Promise<TestServer>>> = Object.fromEntries(
  Object.entries(SERVERS).filter(([name]) => !name.startsWith("PostgreSQL 15")),
);
