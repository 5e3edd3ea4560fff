/** The random numbers of the conformance suite, for all tests. */
export { createSeededRandom as seededRandom } from "@orrery/core/conformance";
