import { create, createFileRegistry, type DescFile, type DescService, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

// Needs the descriptor of descriptors, which takes long to load: import this file when it is used, by `import()`.

/** Encodes a protobuf file and all that it imports as a google.protobuf.FileDescriptorSet, what is imported first. */
export function encodeFileSet(file: DescFile): Uint8Array {
  const files = new Map<string, DescFile>();
  const visit = (next: DescFile) => {
    if (files.has(next.name)) return;
    for (const dependency of next.dependencies) visit(dependency);
    files.set(next.name, next);
  };
  visit(file);
  return toBinary(
    FileDescriptorSetSchema,
    create(FileDescriptorSetSchema, { file: [...files.values()].map((next) => next.proto) }),
  );
}

/** Finds a service in an encoded FileDescriptorSet. @throws Error when the bytes are none. */
export function findService(fileSet: Uint8Array, typeName: string): DescService | undefined {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, fileSet)).getService(typeName);
}
