/** The contracts by which a network uses a registry and its files, and the texts of addresses: all that a program needs which calls one. */
export { type Address, ancestorsOf, lastPart, parentText, printAddress } from "./address/address.ts";
export { type ParseAddressOptions, parseAddress } from "./address/parse-address.ts";
export { parseSelector, printSelector, type Selector } from "./address/selector.ts";
export { type SourceFault, sourceFault } from "./address/source-fault.ts";
export { type DownloadFileOptions, type DownloadResult, downloadFile } from "./files/download-file.ts";
export type { TransferOptions, TransferProgress } from "./files/transfer.ts";
export { type UploadFileOptions, type UploadResult, uploadFile } from "./files/upload-file.ts";
export { type BroadcastMessage as SentMessage, BroadcastService } from "./gen/orrery/registry/v1/broadcast_pb.ts";
export { FileService } from "./gen/orrery/registry/v1/files_pb.ts";
export {
  type Kind as KindMessage,
  RegistryService,
  type Resource as ResourceMessage,
  Strategy,
  type WatchResponse,
} from "./gen/orrery/registry/v1/registry_pb.ts";
export {
  type Quota as QuotaMessage,
  type Usage as UsageMessage,
  type UsagePart as UsagePartMessage,
  UsageService,
} from "./gen/orrery/registry/v1/usage_pb.ts";
export { parseVerbs, printVerbs, VERBS } from "./rights/verbs.ts";
export { MessageService } from "./service/message-service.ts";
