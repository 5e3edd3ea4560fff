import type { Kind } from "@orrery/registry";

/** Name of what looks for proofs of domains; stands among the finalizers of each. */
export const DOMAIN_DRIVER = "orrery.domains";

/** A domain of a tenant's own, at which its Space answers once it is proven whose it is. */
export const DOMAIN_KIND: Kind = {
  name: "Domain",
  summary: "A host name of one's own, which leads to the space it lies in once a record of its DNS has proven it",
  parents: ["Space"],
  segments: ["domain"],
  driver: DOMAIN_DRIVER,
  properties: {
    title: { summary: "What people read", schema: { type: "string", maxLength: 200 } },
    look: {
      summary: "Anything; where it is set to something else, the proof is looked for at once",
      schema: { type: ["string", "number"], maxLength: 200 },
    },
  },
};
