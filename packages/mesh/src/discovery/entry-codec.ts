import { type ByteReader, type ByteWriter, createByteReader, createByteWriter } from "@orrery/core/internal";
import {
  type Advert,
  type ComponentAdvert,
  type Coordinates,
  type Entry,
  type Load,
  type MemberStatus,
  rankOf,
  statusOfRank,
} from "./entry.ts";
import {
  ADVERT_ADDRESSES_MAX,
  ADVERT_COMPONENTS_MAX,
  ADVERT_NETWORKS_MAX,
  ENTRY_BYTES_MAX,
  NODE_NAME_MAX,
} from "./limits.ts";

/**
 * An entry of which only the head was read: most that arrive are known already. `bytes` look at the message that it came in.
 */
export interface RawEntry {
  readonly node: string;
  readonly incarnation: number;
  readonly version: number;
  readonly status: MemberStatus;
  readonly by: string;
  readonly advertVersion: number;
  readonly bytes: Uint8Array;
  readonly hasAdvert: boolean;
  readonly hasLoad: boolean;
}

/** Encodes an entry. */
export function encodeEntry(entry: Entry): Uint8Array<ArrayBuffer> {
  const writer = createByteWriter();
  writeText(writer, 1, entry.node);
  writeNumber(writer, 2, entry.incarnation);
  writeNumber(writer, 3, entry.version);
  writeNumber(writer, 4, rankOf(entry.status));
  writeText(writer, 5, entry.by);
  writeNumber(writer, 6, entry.advertVersion);
  if (entry.advert !== undefined) writeAdvert(writer, entry.advert);
  if (entry.load !== undefined) writeLoad(writer, entry.load);
  return writer.finish();
}

/** Reads an entry's head, its length before it, and steps over the rest. @throws Error for what is none, or beyond its bounds. */
export function readEntry(reader: ByteReader): RawEntry {
  const end = reader.end();
  const start = reader.position;
  if (end - start > ENTRY_BYTES_MAX) reader.fail(`entry of ${end - start} bytes`);
  const head = { node: "", incarnation: 0, version: 0, rank: 0, by: "", advertVersion: 0 };
  let hasAdvert = false;
  let hasLoad = false;
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        head.node = reader.text();
        break;
      case 16:
        head.incarnation = reader.uint53();
        break;
      case 24:
        head.version = reader.uint32();
        break;
      case 32:
        head.rank = reader.uint32();
        break;
      case 42:
        head.by = reader.text();
        break;
      case 48:
        head.advertVersion = reader.uint32();
        break;
      default:
        hasAdvert ||= tag === ADVERT_TAG;
        hasLoad ||= tag === LOAD_TAG;
        reader.skip(tag, 2);
    }
  }
  if (reader.position > end) reader.fail("field beyond the end of its entry");
  const { rank, ...rest } = head;
  const status = statusOfRank(rank);
  if (status === undefined || head.node === "" || head.node.length > NODE_NAME_MAX) reader.fail("entry of no node");
  const bytes = reader.bytes.subarray(start, end);
  return { ...rest, status, bytes, hasAdvert, hasLoad };
}

const ADVERT_TAG = (7 << 3) | 2;
const LOAD_TAG = (8 << 3) | 2;

/** Reads the advert and load of an entry. @throws Error for what is none, or beyond its bounds. */
export function readEntryBody(bytes: Uint8Array): {
  readonly advert: Advert | undefined;
  readonly load: Load | undefined;
} {
  const reader = createByteReader(bytes);
  let advert: Advert | undefined;
  let load: Load | undefined;
  while (reader.position < bytes.length) {
    const tag = reader.tag();
    if (tag === ADVERT_TAG) advert = readAdvert(reader);
    else if (tag === LOAD_TAG) load = readLoad(reader);
    else reader.skip(tag, 2);
  }
  return { advert, load };
}

function writeAdvert(writer: ByteWriter, { since, addresses, components, networks, sharesRates }: Advert): void {
  writer.uint32(ADVERT_TAG);
  const start = writer.begin();
  writeNumber(writer, 1, since);
  for (const address of addresses) {
    writer.uint32(18);
    writer.text(address);
  }
  for (const component of components) {
    writer.uint32(26);
    const inner = writer.begin();
    writeText(writer, 1, component.name);
    writeText(writer, 2, component.version);
    const fingerprint = BigInt(`0x${component.fingerprint}`);
    if (fingerprint !== 0n) {
      writer.uint32((3 << 3) | 1);
      writer.fixed64(fingerprint);
    }
    writeNumber(writer, 4, component.instances);
    writeText(writer, 5, component.network ?? "");
    writer.end(inner);
  }
  for (const network of networks) {
    writer.uint32(34);
    writer.text(network);
  }
  writeNumber(writer, 5, sharesRates === true ? 1 : 0);
  writer.end(start);
}

function readAdvert(reader: ByteReader): Advert {
  const end = reader.end();
  let since = 0;
  const addresses: string[] = [];
  const components: ComponentAdvert[] = [];
  const networks: string[] = [];
  let sharesRates = false;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === 8) since = reader.uint32();
    else if (tag === 18) addresses.push(reader.text());
    else if (tag === 26) components.push(readComponent(reader));
    else if (tag === 34) networks.push(reader.text());
    else if (tag === 40) sharesRates = reader.uint32() !== 0;
    else reader.skip(tag, 3);
  }
  if (addresses.length > ADVERT_ADDRESSES_MAX) reader.fail(`advert of ${addresses.length} addresses`);
  if (components.length > ADVERT_COMPONENTS_MAX) reader.fail(`advert of ${components.length} components`);
  if (networks.length > ADVERT_NETWORKS_MAX) reader.fail(`advert of ${networks.length} networks`);
  return { since, addresses, components, networks, ...(sharesRates && { sharesRates }) };
}

function readComponent(reader: ByteReader): ComponentAdvert {
  const end = reader.end();
  const component = { name: "", version: "", fingerprint: "0000000000000000", instances: 0 };
  let network = "";
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === 10) component.name = reader.text();
    else if (tag === 18) component.version = reader.text();
    else if (tag === 25) component.fingerprint = reader.fixed64().toString(16).padStart(16, "0");
    else if (tag === 32) component.instances = reader.uint32();
    else if (tag === 42) network = reader.text();
    else reader.skip(tag, 4);
  }
  return network === "" ? component : { ...component, network };
}

function writeLoad(writer: ByteWriter, load: Load): void {
  const { version, advertVersion, freeSlots, coordinates, placeVersion } = load;
  writer.uint32(LOAD_TAG);
  const start = writer.begin();
  writeNumber(writer, 1, version);
  writeNumber(writer, 2, advertVersion);
  if (freeSlots.length > 0) {
    writer.uint32(26);
    const inner = writer.begin();
    for (const free of freeSlots) writer.uint32(free);
    writer.end(inner);
  }
  if (coordinates !== undefined) writeCoordinates(writer, 4, coordinates);
  writeNumber(writer, 5, placeVersion);
  writer.end(start);
}

function readLoad(reader: ByteReader): Load {
  const end = reader.end();
  const load = { version: 0, advertVersion: 0, placeVersion: 0 };
  const freeSlots: number[] = [];
  let coordinates: Coordinates | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === 8) load.version = reader.uint32();
    else if (tag === 16) load.advertVersion = reader.uint32();
    else if (tag === 26) for (const last = reader.end(); reader.position < last; ) freeSlots.push(reader.uint32());
    else if (tag === 34) coordinates = readCoordinates(reader);
    else if (tag === 40) load.placeVersion = reader.uint32();
    else reader.skip(tag, 3);
  }
  if (freeSlots.length > ADVERT_COMPONENTS_MAX) reader.fail(`load of ${freeSlots.length} components`);
  return { ...load, freeSlots, coordinates };
}

/** Writes coordinates as a field. */
export function writeCoordinates(writer: ByteWriter, field: number, { x, y, height, error }: Coordinates): void {
  writer.uint32((field << 3) | 2);
  const start = writer.begin();
  for (const [index, value] of [x, y, height, error].entries()) {
    if (Object.is(value, 0)) continue;
    writer.uint32(((index + 1) << 3) | 5);
    writer.float(value);
  }
  writer.end(start);
}

/** Reads coordinates, their length before them. @throws Error for such as cannot be. */
export function readCoordinates(reader: ByteReader): Coordinates {
  const end = reader.end();
  const coordinates = { x: 0, y: 0, height: 0, error: 0 };
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === 13) coordinates.x = reader.float();
    else if (tag === 21) coordinates.y = reader.float();
    else if (tag === 29) coordinates.height = reader.float();
    else if (tag === 37) coordinates.error = reader.float();
    else reader.skip(tag, 4);
  }
  if (!Object.values(coordinates).every(Number.isFinite)) reader.fail("coordinates that are no place");
  return coordinates;
}

function writeNumber(writer: ByteWriter, field: number, value: number): void {
  if (value === 0) return;
  writer.uint32(field << 3);
  writer.uint53(value);
}

function writeText(writer: ByteWriter, field: number, value: string): void {
  if (value === "") return;
  writer.uint32((field << 3) | 2);
  writer.text(value);
}
