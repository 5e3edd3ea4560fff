import { create, createFileRegistry, type DescFile, type DescMessage, type DescService } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { contractOf, type MethodContract, type ServiceContract } from "@orrery/core/internal";

const NAMES = ["editions", "known", "legacy", "order", "scalars"] as const;
const GENERATED = new URL("../../../core/src/protobuf/testdata/gen/", import.meta.url);

/** The files on which the codec of messages is tested: between them every kind of field there is. */
export const coreFiles: readonly DescFile[] = await Promise.all(
  NAMES.map(async (name) => {
    const loaded = (await import(new URL(`${name}_pb.ts`, GENERATED).href)) as Record<string, DescFile>;
    return loaded[`file_${name}`] as DescFile;
  }),
);

/** Finds a message type of them, such as `codec.order.Order`. */
export function coreMessage(typeName: string): DescMessage {
  const found = coreFiles.flatMap((file) => file.messages).find((message) => message.typeName === typeName);
  if (found === undefined) throw new Error(`There is no message "${typeName}"`);
  return found;
}

/** Makes a service `shop` with a method `place` that takes a message and gives one of the same type. */
export function serviceOf(desc: DescMessage): { service: ServiceContract; method: MethodContract } {
  const type = `.${desc.typeName}`;
  const file = create(FileDescriptorProtoSchema, {
    name: "shop.proto",
    syntax: "proto3",
    dependency: [desc.file.proto.name],
    service: [{ name: "shop", method: [{ name: "place", inputType: type, outputType: type }] }],
  });
  const registry = createFileRegistry(file, (name) => (name === desc.file.proto.name ? desc.file : undefined));
  const service = contractOf(registry.getService("shop") as DescService);
  return { service, method: service.methods.get("place") as MethodContract };
}
