import type { Kind } from "@orrery/registry";
import { APP_COMPONENTS_MAX, APP_INSTANCES_MAX } from "./limits.ts";

/** Name of what drives apps; stands among the finalizers of each. */
export const APP_DRIVER = "orrery.apps";

/** An app: code that runs, and what it answers to. */
export const APP_KIND: Kind = {
  name: "App",
  summary: "Components that run together, as an orrery.yaml says",
  parents: ["Space", "Base"],
  segments: ["name"],
  driver: APP_DRIVER,
  removal: "cascade",
  properties: {
    title: { summary: "What people read", schema: { type: "string", maxLength: 200 } },
    config: {
      summary: "The address of its orrery.yaml in a bundle; a tag may stand for the version",
      schema: { type: "string", minLength: 1, maxLength: 1_024 },
      required: true,
    },
    source: { summary: "Where its code came from, for people", schema: { type: "string", maxLength: 1_024 } },
    commit: {
      summary: "The commit of that, where it came from a repository",
      schema: { type: "string", maxLength: 64 },
    },
    check: {
      summary: "What is looked at before its code runs; types are those of TypeScript",
      schema: { enum: ["types", "nothing"] },
    },
    restart: {
      summary: "Anything; where it is set to something else, the app is started anew",
      schema: { type: ["string", "number"], maxLength: 200 },
    },
    instances: {
      summary:
        "Processes of its components, by their names, in the place of what its file says: 3, or 1..4 by what waits",
      schema: {
        type: "object",
        additionalProperties: {
          anyOf: [
            { type: "integer", minimum: 1, maximum: APP_INSTANCES_MAX },
            { type: "string", pattern: "^[1-9]\\d?\\.\\.[1-9]\\d?$" },
          ],
        },
        maxProperties: APP_COMPONENTS_MAX,
      },
    },
    secrets: {
      summary: "Values of its secrets, by their names",
      schema: { type: "object", additionalProperties: { type: "string", maxLength: 32_768 }, maxProperties: 200 },
      secret: true,
    },
  },
};
