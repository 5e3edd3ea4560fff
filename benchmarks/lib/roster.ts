import type { Cell } from "./cells.ts";

/** Who is measured: in which file it stands, in which rows it is shown. */
export interface Entry {
  /** As it is written after `--only`. */
  readonly name: string;
  /** As it stands in the table. */
  readonly title: string;
  /** Controls show the limit; peers are what others offer; references are neither. */
  readonly role: "control" | "ours" | "peer" | "reference";
  readonly file: string;
  readonly variant: string;
  /** Cells that it is not measured in. Default: it does all. */
  readonly skips?: (cell: Cell) => boolean;
}

const typed = (cell: Cell) => cell.work.kind === "order";
const notAt64 = (cell: Cell) => cell.inFlight !== 64;

/** Contestants between two processes; the first is the control that ratios are taken to. */
export const NETWORK: readonly Entry[] = [
  { name: "tcp", title: "TCP, framed (control)", role: "control", file: "tcp.ts", variant: "tcp" },
  { name: "unix", title: "Unix socket, framed", role: "control", file: "tcp.ts", variant: "unix" },
  {
    name: "orrery-transport",
    title: "**Orrery, transport**",
    role: "ours",
    file: "orrery-transport.ts",
    variant: "plain",
    skips: typed,
  },
  { name: "orrery", title: "**Orrery, end to end**", role: "ours", file: "orrery-mesh.ts", variant: "plain" },
  {
    name: "orrery-unix",
    title: "**Orrery, end to end, Unix socket**",
    role: "ours",
    file: "orrery-mesh.ts",
    variant: "unix",
  },
  {
    name: "orrery-transport-curve",
    title: "**Orrery, transport, CURVE**",
    role: "ours",
    file: "orrery-transport.ts",
    variant: "curve",
    skips: (cell) => typed(cell) || notAt64(cell),
  },
  {
    name: "orrery-curve",
    title: "**Orrery, end to end, CURVE**",
    role: "ours",
    file: "orrery-mesh.ts",
    variant: "curve",
    skips: notAt64,
  },
  {
    name: "orrery-traced",
    title: "**Orrery, end to end, 1 % traced**",
    role: "ours",
    file: "orrery-mesh.ts",
    variant: "traced",
    skips: notAt64,
  },
  {
    name: "orrery-followed",
    title: "**Orrery, end to end, 1 % traced, all counted**",
    role: "ours",
    file: "orrery-mesh.ts",
    variant: "followed",
    skips: notAt64,
  },
  { name: "moleculer", title: "Moleculer TCP, JSON", role: "peer", file: "moleculer.ts", variant: "json" },
  { name: "moleculer-cbor", title: "Moleculer TCP, CBOR", role: "peer", file: "moleculer.ts", variant: "cbor" },
  { name: "nest", title: "NestJS TCP", role: "peer", file: "nest.ts", variant: "" },
  { name: "nats", title: "NATS request", role: "peer", file: "nats.ts", variant: "" },
  { name: "grpc", title: "gRPC (grpc-js)", role: "peer", file: "grpc.ts", variant: "" },
  { name: "connect", title: "Connect, HTTP/2", role: "peer", file: "connect.ts", variant: "" },
  { name: "zeromq-raw", title: "zeromq.js, raw", role: "peer", file: "zeromq.ts", variant: "raw", skips: typed },
  {
    name: "zeromq-batched",
    title: "zeromq.js, batched by hand",
    role: "reference",
    file: "zeromq.ts",
    variant: "batched",
    skips: typed,
  },
];

/** Contestants within one process. */
export const PROCESS: readonly Entry[] = [
  { name: "direct", title: "Direct async call", role: "control", file: "local.ts", variant: "direct" },
  { name: "orrery-copy", title: "**Orrery, container**", role: "ours", file: "local.ts", variant: "copy" },
  {
    name: "orrery-encode",
    title: "**Orrery, container, encode and decode**",
    role: "ours",
    file: "local.ts",
    variant: "encode",
  },
  { name: "moleculer-local", title: "Moleculer, local call", role: "peer", file: "local.ts", variant: "moleculer" },
];
