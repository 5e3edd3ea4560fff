/** The random numbers of the conformance suite, for all tests. */
export { createSeededRandom as seededRandom } from "../conformance/seeded-random.ts";
