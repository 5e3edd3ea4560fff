/** What only siblings use: documents in YAML by their shape, folders of files that grow, control groups, sizes of components, buckets of tokens, and ids of traces. Outside semantic versioning. */
export type { Misfit } from "./environment/judge-manifest.ts";
export { type ReadDocumentOptions, readDocument } from "./environment/read-document.ts";
export { createRedactor } from "./environment/redact.ts";
export { listOf, type RecordShape, record, type Shape, TEXT, type TextShape } from "./environment/shape.ts";
export { parseDuration, parseSize } from "./environment/units.ts";
export { createHostPlacement } from "./host/host-placement.ts";
export { createHostSizer, type HostSizer } from "./host/host-sizer.ts";
export type { HostSizes } from "./host/host-sizes.ts";
export { createFolderFiles, type FolderFiles } from "./journal/system-journal-files.ts";
export { Bucket, type BucketSettings } from "./limits/bucket.ts";
export { makeGossipDirectory } from "./mesh-node.ts";
export type { CgroupControl, Cgroups, CgroupUsage } from "./supervise/cgroups.ts";
export { stableText } from "./supervise/stable-text.ts";
export { bodyIn, createBodies } from "./supervise/system-cage-body.ts";
export { type CgroupsOptions, openCgroups } from "./supervise/system-cgroups.ts";
export { lockFolder } from "./supervise/system-lock.ts";
export { hexOfBytes } from "./telemetry/hex.ts";
export { TraceIds } from "./telemetry/trace-ids.ts";
