import { TAG_MOVES_KEPT } from "../bundles/limits.ts";
import { QUOTA } from "../quotas/quota.ts";
import { SPACE_PLAN } from "../quotas/space-plan.ts";
import { IDENTITY_KINDS } from "./identity-kinds.ts";
import type { Kind } from "./kind.ts";

const text = { type: "string", maxLength: 4_096 };
const title = { summary: "What people read", schema: { type: "string", maxLength: 200 } };
const bind = {
  summary: "The address of the bind that says what it answers to",
  schema: { type: "string", maxLength: 1_024 },
};

const Space: Kind = {
  name: "Space",
  summary: "What a tenant owns: the top of its addresses, and the host name that it answers for",
  parents: ["root"],
  segments: ["domain", "name"],
  properties: {
    title,
    bind,
    quota: QUOTA,
    plan: SPACE_PLAN,
    suspended: {
      summary: "Why nothing of it runs or is served, such as that it is not paid; all of it is kept",
      schema: { type: "string", minLength: 1, maxLength: 500 },
      locked: true,
    },
  },
};

const Base: Kind = {
  name: "Base",
  summary: "A folder of resources",
  parents: ["Space", "Base"],
  segments: ["name", "domain"],
  properties: { title, quota: QUOTA },
};

const FileSystem: Kind = {
  name: "FileSystem",
  summary: "What files lie in",
  parents: ["Space", "Base"],
  segments: ["name"],
  properties: { title, quota: QUOTA },
};

const Directory: Kind = {
  name: "Directory",
  summary: "A directory of files",
  parents: ["FileSystem", "Directory"],
  segments: ["directory"],
  properties: { quota: QUOTA },
};

const File: Kind = {
  name: "File",
  summary: "A file; its content is its state",
  parents: ["FileSystem", "Directory"],
  segments: ["file"],
  properties: { contentType: { summary: "The media type of its content", schema: { type: "string", maxLength: 255 } } },
};

const BundleSeries: Kind = {
  name: "BundleSeries",
  summary: "The versions of one bundle",
  parents: ["Space", "Base"],
  segments: ["name"],
  properties: { title, quota: QUOTA },
};

const described = {
  name: { summary: "Name of the bundle", schema: text, constant: true },
  description: { summary: "What it is for", schema: text, constant: true },
  image: { summary: "Path of a picture inside", schema: text, constant: true },
  authors: { summary: "Who made it", schema: { type: "array", items: text, maxItems: 100 }, constant: true },
  keywords: { summary: "Words to find it by", schema: { type: "array", items: text, maxItems: 100 }, constant: true },
  publisher: { summary: "The key that signed it, in base64", schema: text, constant: true },
  signature: { summary: "The signature of its digest, in base64", schema: text, constant: true },
};

const Bundle: Kind = {
  name: "Bundle",
  summary: "One version, which never changes",
  parents: ["BundleSeries"],
  segments: ["version"],
  properties: described,
  removal: "cascade",
  sealed: true,
};

const Artifact: Kind = {
  name: "Artifact",
  summary: "One file of a bundle",
  parents: ["Bundle", "Artifact"],
  segments: ["file", "directory"],
  properties: {
    contentType: { summary: "Its media type", schema: { type: "string", maxLength: 255 }, constant: true },
    executable: { summary: "Whether it may be executed", schema: { type: "boolean" }, constant: true },
  },
  removal: "cascade",
  sealed: true,
};

const Tag: Kind = {
  name: "Tag",
  summary: "A name that can be moved from one version to another",
  parents: ["BundleSeries"],
  segments: ["tag"],
  properties: {
    version: {
      summary: "The version that it names",
      schema: { type: "string", pattern: "^[0-9]", maxLength: 255 },
      required: true,
      refers: "sibling",
      remembered: TAG_MOVES_KEPT,
    },
  },
};

const Role: Kind = {
  name: "Role",
  summary: "A name for rights, which agents have by being its members",
  parents: ["Space", "Base"],
  segments: ["name"],
  properties: {
    members: {
      summary: "Addresses of the agents that have it",
      schema: { type: "array", items: { type: "string", maxLength: 1_024 }, maxItems: 1_000, uniqueItems: true },
      default: [],
    },
  },
};

const Grant: Kind = {
  name: "Grant",
  summary: "That an agent or a role may do something to what lies in the same space or folder",
  parents: ["Space", "Base"],
  segments: ["name"],
  properties: {
    to: {
      summary: "The agent or role, or anyone",
      schema: { type: "string", minLength: 1, maxLength: 1_024 },
      required: true,
      constant: true,
    },
    verbs: { summary: "Some of csdrwx", schema: { type: "string", pattern: "^[csdrwx-]{1,7}$" }, required: true },
    on: {
      summary: "A selector of what it is about",
      schema: { type: "string", minLength: 1, maxLength: 1_024 },
      required: true,
      constant: true,
    },
  },
};

/** The kinds that every registry has. Others are added as data, beside these. */
export const BASE_KINDS: readonly Kind[] = [
  Space,
  Base,
  FileSystem,
  Directory,
  File,
  BundleSeries,
  Bundle,
  Artifact,
  Tag,
  Role,
  Grant,
  ...IDENTITY_KINDS,
];
