import { type Component, defineComponent } from "@orrery/core";
import { FileService } from "../gen/orrery/registry/v1/files_pb.ts";
import { FILE_INSTANCES, PIECE_BYTES_MAX } from "../limits.ts";
import { byOf, writtenMessage } from "../service/registry-messages.ts";
import type { Files } from "./files.ts";

/**
 * Makes the component by which a network reads and writes files: `orrery.registry.v1.FileService`. It runs beside the registry's own; whoever
 * calls is whoever the message's agent says.
 */
export function createFileComponent(files: Files): Component {
  return defineComponent(
    FileService,
    () => ({
      beginUpload: async ({ address, bytes, ifRevision, options }, { agent }) => {
        const request = { address, bytes: Number(bytes), ...revisionOf(ifRevision) };
        return { upload: await files.begin(request, byOf(agent, options)), pieceBytesMax: PIECE_BYTES_MAX };
      },
      appendUpload: async ({ upload, offset, data }, { agent }) => ({
        offset: BigInt(await files.append({ upload, offset: Number(offset), data }, { agent })),
      }),
      finishUpload: async ({ upload, address, digest, bytes, ifRevision, contentType, options }, { agent }) => {
        const type = contentType === "" ? {} : { contentType };
        const request = { upload, address, digest, bytes: Number(bytes), ...revisionOf(ifRevision), ...type };
        return writtenMessage(await files.finish(request, byOf(agent, options)));
      },
      abandonUpload: async ({ upload }, { agent }) => {
        await files.abandon(upload, { agent });
        return {};
      },
      readFile: async ({ address, offset, length, digest }, { agent }) => {
        const wish = { ...(length === 0 ? {} : { length }), ...(digest === "" ? {} : { digest }) };
        const piece = await files.read({ address, offset: Number(offset), ...wish }, { agent });
        const { data, content, contentType, revision } = piece;
        return {
          data,
          contentType,
          content: { digest: content.digest, bytes: BigInt(content.bytes) },
          revision: BigInt(revision),
        };
      },
    }),
    { instances: FILE_INSTANCES },
  );
}

function revisionOf(ifRevision: bigint): { readonly ifRevision?: number } {
  return ifRevision === 0n ? {} : { ifRevision: Number(ifRevision) };
}
