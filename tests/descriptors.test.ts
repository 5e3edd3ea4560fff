import assert from "node:assert/strict";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import {
  create,
  type DescFile,
  fromBinary,
  getExtension,
  hasExtension,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { method as methodOption } from "./gen/orrery/v1/contract_pb.ts";
import { noProtoc, ROOT, runProtoc } from "./testing/protoc.ts";

const scratch = mkdtempSync(join(tmpdir(), "orrery-protoc-"));
after(() => rmSync(scratch, { recursive: true }));

/** Test data that the protoc of Debian refuses: it is too old for editions, and strict about an enum of proto2. */
const REFUSED: ReadonlySet<string> = new Set(["editions.proto", "legacy.proto"]);

/** Where the code lies that is generated from the protobuf files that packages share. */
const SHARED = globSync("packages/*/src/{,testing/}gen", { cwd: ROOT });

/** Folders from which protobuf files are imported, and where the code lies that was generated from each. */
const FOLDERS = globSync("**/proto", { cwd: ROOT, exclude: (path) => /node_modules|dist/.test(path) })
  .map((proto) => ({ proto, gens: proto === "proto" ? SHARED : [join(dirname(proto), "gen")] }))
  .filter(({ gens }) => gens.some((gen) => existsSync(join(ROOT, gen))));

/** What stock protoc makes of protobuf files, by name. */
function compile(folder: string, files: readonly string[]): Map<string, FileDescriptorProto> {
  const out = join(scratch, "stock.binpb");
  runProtoc({ folder, files, scratch, words: [`--descriptor_set_out=${out}`] });
  const { file } = fromBinary(FileDescriptorSetSchema, readFileSync(out));
  return new Map(file.map((each) => [each.name, each]));
}

/** Descriptors in generated code, by name. */
async function embedded(gens: readonly string[]): Promise<Map<string, FileDescriptorProto>> {
  const found = new Map<string, FileDescriptorProto>();
  for (const module of gens.flatMap((gen) => globSync(`${gen}/**/*_pb.ts`, { cwd: ROOT }))) {
    const exported = (await import(join(ROOT, module))) as Record<string, { kind?: string }>;
    const file = Object.values(exported).find(({ kind }) => kind === "file") as DescFile | undefined;
    if (file !== undefined) found.set(file.proto.name, file.proto);
  }
  return found;
}

/**
 * The same in one form: without where the text stood, encoded and decoded so that both know as much, and with our options in one
 * piece, of which protoc makes one for each line.
 */
function plain(file: FileDescriptorProto | undefined): FileDescriptorProto {
  assert.ok(file !== undefined);
  const { sourceCodeInfo: _, ...rest } = file;
  const bytes = toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, rest));
  const fresh = fromBinary(FileDescriptorProtoSchema, bytes);
  for (const { options } of fresh.service.flatMap(({ method }) => method)) {
    if (options !== undefined && hasExtension(options, methodOption))
      setExtension(options, methodOption, getExtension(options, methodOption));
  }
  return fresh;
}

test("protobuf files are found wherever code was generated from them", () => {
  const folders = FOLDERS.map(({ proto }) => proto);
  for (const folder of ["proto", "examples/eject/proto", "examples/flights/proto", "tests/proto"])
    assert.ok(folders.includes(folder), folder);
});

for (const { proto, gens } of FOLDERS) {
  test(`protoc makes the same descriptors of ${proto} as the generated code has`, { skip: noProtoc }, async () => {
    const files = globSync("**/*.proto", { cwd: join(ROOT, proto) }).filter((file) => !REFUSED.has(file));
    assert.ok(files.length > 0);
    const [stock, ours] = [compile(proto, files), await embedded(gens)];
    for (const name of files) assert.deepEqual(plain(ours.get(name)), plain(stock.get(name)), name);
  });
}
