export { openEmptyDatabase, openTestRegistry } from "@orrery/registry/conformance";
