/** What the packages of Orrery share among themselves: no promise is made to anybody else. */
export { bounce } from "./answer.ts";
export { errorOf, type OpenCall, timeoutOf } from "./caller.ts";
export { type CaptureTransportOptions, captureTransport } from "./capture-transport.ts";
export { type BodyCodec, contractOf, type MethodContract, type ServiceContract } from "./contract.ts";
export { isSchemaService } from "./contract-schema.ts";
export type { DeadlineBucket, DeadlineEntry } from "./deadlines.ts";
export {
  createEnvelope,
  type Envelope,
  flowOf,
  type Head,
  isExpired,
  Kind,
  kindText,
  markLeft,
  NO_PATH,
  receivedEnvelope,
  TraceFlag,
  type WireFailure,
} from "./envelope.ts";
export { createFifo, type Fifo } from "./fifo.ts";
export type { Component as DescribedComponent, Method as DescribedMethod } from "./gen/orrery/control/v1/control_pb.ts";
export { type Guard, isFinal, isUnlimited, noWay, type Refusal, type RefusalCheck, refusalOf } from "./guard.ts";
export { fnv1a, hashText, mix } from "./hash-text.ts";
export { assertHorizonValues, horizonCheck, isUnmeasured, pastGateway, reachOf, scopeThrough } from "./horizon.ts";
export { type IdleWatch, watchIdle } from "./idle-watch.ts";
export { crc32 } from "./journal/crc32.ts";
export type { JournalFiles } from "./journal/journal-files.ts";
export { createSegmentedJournal, type SegmentedJournalOptions } from "./journal/segmented-journal.ts";
export { CALL_DEPTH_MAX, CALL_TIMEOUT_DEFAULT_MS, CALL_TIMEOUT_MAX_MS } from "./limits.ts";
export { type Incoming, joinWatches, type MessageWatch, messageName, type Parent, whenLeft } from "./message-events.ts";
export { namePattern } from "./name-pattern.ts";
export { assertNetworkName, nameIn, splitName } from "./network-name.ts";
export { createNumberHeap, type NumberHeap } from "./number-heap.ts";
export { createOneAtATime, type OneAtATime } from "./one-at-a-time.ts";
export { failure } from "./orrery-error.ts";
export type { Port, PortResult } from "./port.ts";
export { type ByteReader, createByteReader } from "./protobuf/byte-reader.ts";
export { type ByteWriter, createByteWriter } from "./protobuf/byte-writer.ts";
export { type MessageCodec, messageCodec } from "./protobuf/message-codec.ts";
export type { Router } from "./router.ts";
export { serviceFromDescription } from "./service-from-description.ts";
export { messageOf, stackOf } from "./thrown-text.ts";
export {
  type ControlFrame,
  isControl,
  type Link,
  type LinkEvent,
  type LinkListener,
  type Message,
  type MessageListener,
  type SendResult,
  type Transport,
} from "./transport.ts";
export { CAPTURE_MAGIC, type CapturedPacket, captureStart, encodeCapturedPacket, readCapture } from "./wire/capture.ts";
export type { Direction, PacketInspector } from "./wire/inspect-packet.ts";
export { loadPacketInspector } from "./wire/load-inspector.ts";
export {
  createPacketReader,
  createPacketWriter,
  encodePacket,
  type PacketReader,
  type PacketRoom,
  type PacketTaker,
  type PacketWriter,
} from "./wire/packet.ts";
