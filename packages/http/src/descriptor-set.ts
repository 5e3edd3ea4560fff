import { create, type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Service } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";

/**
 * Encodes the contracts of services as a `google.protobuf.FileDescriptorSet` with all that they import, what is imported first: what
 * `buf curl --schema` and `grpcurl -protoset` read. Contracts of schemas have no part in it.
 */
export function descriptorSetOf(services: readonly Service[]): Uint8Array<ArrayBuffer> {
  const files = new Map<string, DescFile>();
  const visit = (file: DescFile) => {
    if (files.has(file.name)) return;
    for (const dependency of file.dependencies) visit(dependency);
    files.set(file.name, file);
  };
  for (const { source } of services.map(contractOf)) if (source.kind === "protobuf") visit(source.service.file);
  const set = create(FileDescriptorSetSchema, { file: [...files.values()].map(({ proto }) => proto) });
  return toBinary(FileDescriptorSetSchema, set);
}
