import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  createFileRegistry,
  type DescMessage,
  type DescService,
  type FileRegistry,
  fromBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

const WORKSPACE = JSON.stringify({
  version: "v2",
  modules: [{ path: "proto" }, { path: "packages/cli/src/testing/proto" }],
});

let compiled: FileRegistry | undefined;

function registry(): FileRegistry {
  if (compiled !== undefined) return compiled;
  const words = ["buf", "build", "--config", WORKSPACE, "--as-file-descriptor-set", "--output", "-#format=binpb"];
  const { stdout, stderr, status } = spawnSync("npx", words, { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 });
  if (status !== 0) throw new Error(`Cannot compile the test's contract: ${stderr.toString()}`);
  compiled = createFileRegistry(fromBinary(FileDescriptorSetSchema, stdout));
  return compiled;
}

/** A message type of the contract that tests use. */
export function testMessage(name: string): DescMessage {
  const message = registry().getMessage(`test.v1.${name}`);
  if (message === undefined) throw new Error(`There is no message "${name}"`);
  return message;
}

/** The service that tests use. */
export function testService(): DescService {
  const service = registry().getService("test.v1.EverythingService");
  if (service === undefined) throw new Error("There is no service");
  return service;
}
