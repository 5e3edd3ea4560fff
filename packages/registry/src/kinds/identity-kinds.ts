import type { Kind, Property } from "./kind.ts";

const title: Property = { summary: "What people read", schema: { type: "string", maxLength: 200 } };
const moment = { type: "integer", minimum: 0 };

const UserBase: Kind = {
  name: "UserBase",
  summary: "A list of accounts",
  parents: ["Space", "Base"],
  segments: ["name"],
  properties: { title },
  removal: "cascade",
};

const User: Kind = {
  name: "User",
  summary: "An account: somebody who owns resources and acts",
  parents: ["UserBase"],
  segments: ["name", "email"],
  properties: { title },
  removal: "cascade",
};

const Password: Kind = {
  name: "Password",
  summary: "By which a user logs in; what is kept of it tells nobody the password",
  parents: ["User"],
  segments: ["name"],
  properties: {
    hash: { summary: "Its hash", schema: { type: "string", maxLength: 1_000 }, required: true, secret: true },
    once: { summary: "Whether it is good for one login", schema: { type: "boolean" }, default: false },
  },
  reserved: ["state", "status", "finalizers", "properties"],
};

const Session: Kind = {
  name: "Session",
  summary: "That a user has logged in somewhere; removed, it ends at once",
  parents: ["User"],
  segments: ["name"],
  properties: {
    client: { summary: "What logged in, as it says", schema: { type: "string", maxLength: 200 } },
    opened: { summary: "When, in ms since 1970", schema: moment, required: true, constant: true },
    refreshed: { summary: "When it was used to get a new token, in ms since 1970", schema: moment, required: true },
    until: { summary: "When it ends, in ms since 1970", schema: moment, required: true },
    proof: { summary: "What its tokens are known by", schema: { type: "object" }, required: true, secret: true },
  },
  reserved: ["state", "status", "finalizers", "properties"],
};

const ApiToken: Kind = {
  name: "ApiToken",
  summary: "By which a program acts for a user, within scopes; removed, it ends at once",
  parents: ["User"],
  segments: ["name"],
  properties: {
    title,
    scopes: {
      summary: "What it may do of all that the user may: verbs, and a selector of what",
      schema: {
        type: "array",
        minItems: 1,
        maxItems: 50,
        items: {
          type: "object",
          properties: {
            verbs: { type: "string", minLength: 1, maxLength: 7 },
            on: { type: "string", minLength: 1, maxLength: 1_024 },
          },
          required: ["verbs", "on"],
          additionalProperties: false,
        },
      },
      required: true,
      constant: true,
    },
    until: { summary: "When it ends, in ms since 1970", schema: moment, constant: true },
    used: { summary: "When it was last used, to the hour, in ms since 1970", schema: moment },
    proof: { summary: "What it is known by", schema: { type: "string", maxLength: 200 }, required: true, secret: true },
  },
  reserved: ["state", "status", "finalizers", "properties"],
};

/** Who acts, and what they are known by. Passwords, sessions and tokens are made by the service of accounts alone. */
export const IDENTITY_KINDS: readonly Kind[] = [UserBase, User, Password, Session, ApiToken];
