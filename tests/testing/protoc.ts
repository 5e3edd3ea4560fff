import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import * as wkt from "@bufbuild/protobuf/wkt";

/** Root of the repository. */
export const ROOT: string = join(import.meta.dirname, "../..");

/** Why stock protoc cannot be used here; false when it can. */
export const noProtoc: string | false =
  spawnSync("protoc", ["--version"]).status !== 0 && "protoc is missing: install protobuf-compiler";

/** What to compile. */
export interface ProtocOptions {
  /** Folder from which the files are imported, from the root. */
  readonly folder: string;
  readonly files: readonly string[];
  /** A folder for what the run needs. */
  readonly scratch: string;
  /** Words that say what to write, such as `--python_out=…`. */
  readonly words: readonly string[];
}

/** Runs stock protoc. It gets Google's own messages as descriptors, since Debian has their text in a package of its own. */
export function runProtoc({ folder, files, scratch, words }: ProtocOptions): void {
  const known = join(scratch, "google.binpb");
  const file = Object.values(wkt).flatMap((value) => (isFile(value) ? [value.proto] : []));
  writeFileSync(known, toBinary(wkt.FileDescriptorSetSchema, create(wkt.FileDescriptorSetSchema, { file })));
  const paths = [`--proto_path=${join(ROOT, folder)}`, `--proto_path=${join(ROOT, "proto")}`];
  const run = spawnSync("protoc", [...paths, `--descriptor_set_in=${known}`, ...words, ...files], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
}

function isFile(value: unknown): value is typeof wkt.file_google_protobuf_any {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "file";
}
