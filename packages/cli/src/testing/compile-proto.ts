import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createFileRegistry, type DescService, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

const WORKSPACE = JSON.stringify({
  version: "v2",
  modules: [{ path: "proto" }, { path: "packages/cli/src/testing/proto" }],
});

/** Compiles the contract that tests use; nothing of it is written anywhere. */
export function compileShop(): DescService {
  const words = ["build", "--config", WORKSPACE, "--as-file-descriptor-set", "--output", "-#format=binpb"];
  const { stdout, stderr, status } = spawnSync(`${ROOT}node_modules/.bin/buf`, words, { cwd: ROOT });
  if (status !== 0) throw new Error(`Cannot compile the test's contract: ${stderr.toString()}`);
  const service = createFileRegistry(fromBinary(FileDescriptorSetSchema, stdout)).getService("test.v1.ShopService");
  if (service === undefined) throw new Error("Cannot find the test's service in its contract");
  return service;
}
