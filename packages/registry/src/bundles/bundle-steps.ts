import type { Properties } from "../kinds/property-rules.ts";
import type { BlobRef } from "../resource.ts";
import type { WriteStep } from "../write/steps.ts";
import type { BundleDescription } from "./bundle-file.ts";
import { createEntryNames } from "./entry-names.ts";
import type { BundleFile, SealedManifest } from "./manifest.ts";
import type { VersionAddress } from "./version-address.ts";

/** What a version is made of. */
export interface BundleParts {
  readonly manifest: SealedManifest;
  /** Where the manifest lies. */
  readonly content: BlobRef;
  readonly description: BundleDescription | undefined;
  readonly publisher: string;
  readonly signature: string;
}

/** The writes that make a version: its series where that is missing, itself, its directories and its files, each after what it lies in. */
export function bundleSteps(
  { address, series }: VersionAddress,
  { manifest, content, description, publisher, signature }: BundleParts,
): readonly WriteStep[] {
  const names = createEntryNames();
  for (const { path } of manifest.files) names.addFile(path);
  const properties = { ...description, publisher, signature } as Properties;
  const artifact = (path: string, more: object = {}) => ({
    create: { address: `${address}:${path}`, kind: "Artifact", ...more },
  });
  return [
    { create: { address: series, kind: "BundleSeries", strategy: "ensure" } },
    { create: { address, kind: "Bundle", properties, state: { manifest: content } } },
    ...names.directories().map((path) => artifact(path)),
    ...manifest.files.map((file) =>
      artifact(file.path, { properties: propertiesOf(file), state: { content: refOf(file) } }),
    ),
  ];
}

function propertiesOf({ contentType, executable }: BundleFile): Properties {
  return { contentType, ...(executable ? { executable } : {}) };
}

function refOf({ digest, bytes }: BundleFile): BlobRef {
  return { digest, bytes };
}
