import type { openTestRegistry } from "../conformance/test-registry.ts";
import type { Kind } from "../kinds/kind.ts";
import type { RegistryOptions } from "../open-parts.ts";

/** The agent of tests that may do everything. */
export const OPERATOR = { agent: "operator" };

/** An agent of tests that may do nothing unless it is told. */
export const ANN = { agent: "demo.test:users:ann" };

/** Opens an empty registry of the server under test, with further kinds. */
export type OpenRegistry = (
  kinds?: readonly Kind[],
  options?: Partial<RegistryOptions>,
) => ReturnType<typeof openTestRegistry>;
