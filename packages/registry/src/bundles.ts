/** Bundles: immutable, versioned, signed sets of files, and the tags that name their versions. */
export { bundlesAs, bundlesAt } from "./bundles/bundle-access.ts";
export { createBundleComponent } from "./bundles/bundle-component.ts";
export {
  BUNDLE_FILE,
  BUNDLE_SHAPE,
  type BundleDescription,
  type ParseBundleFileOptions,
  parseBundleFile,
} from "./bundles/bundle-file.ts";
export {
  type BeginRequest,
  type BeginResult,
  type BundleSeal,
  type Bundles,
  type BundlesOptions,
  createBundles,
  type PublishRequest,
  type PublishResult,
} from "./bundles/bundles.ts";
export { type FetchBundleOptions, type FetchedBundle, fetchBundle } from "./bundles/fetch-bundle.ts";
export type { BundleFile, BundleManifest, SealedManifest } from "./bundles/manifest.ts";
export {
  type BundleAccess,
  type PublishFilesOptions,
  type PublishFolderOptions,
  publishFiles,
  publishFolder,
} from "./bundles/publish-folder.ts";
export { type FileToPack, readFolder } from "./bundles/read-folder.ts";
export { type ReadTag, type ResolveTagsOptions, resolveTags, resolveTagsIn } from "./bundles/resolve-tags.ts";
export { createPublisherKey, openPublisherKey, type PublisherKey } from "./bundles/system-publisher-key.ts";
export { type TagMoment, type TagMove, tagHistory } from "./bundles/tag-history.ts";
export { readTagHistory, setTag, type TagRequest } from "./bundles/tags.ts";
export { BundleService } from "./gen/orrery/registry/v1/bundles_pb.ts";
