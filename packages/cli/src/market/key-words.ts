import type { KeptArtifact } from "@orrery/market";

/** An artifact for people, such as `secret "token" of pod "shop"`. */
export function artifactText({ about: { kind, app, name } }: KeptArtifact): string {
  return `${kind} "${name.replace(/^(sha256:.{12}).*$/, "$1…")}" of pod "${app}"`;
}

/** What became of it. */
export function stateOf({ revokedAtMs, renewedAtMs }: KeptArtifact): "good" | "revoked" | "renewed" {
  if (revokedAtMs === undefined) return "good";
  return renewedAtMs === undefined ? "revoked" : "renewed";
}
