import { listOf, type RecordShape, record, type TextShape } from "@orrery/mesh/internal";
import {
  ADDRESSES_MAX,
  COMMAND_WORDS_MAX,
  CONTAINERS_MAX,
  GPUS_MAX,
  PORTS_MAX,
  REPLICAS_MAX,
  VARIABLES_MAX,
  VOLUMES_MAX,
} from "./limits.ts";

const text = (what: string, pattern: RegExp, example: string): TextShape => ({ kind: "text", what, pattern, example });

/** Name of a pod, or of what it has. */
export const NAME = text("a name of small letters, digits and -", /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, "web");
const IMAGE = text(
  "a folder from this file's, or an image by its digest or tag",
  /^\S{1,512}$/,
  "./web or registry.test/web@sha256:…",
);
const SIZE = text("a size", /^\d{1,9}(\.\d{1,3})?(KiB|MiB|GiB|TiB|kB|MB|GB|TB)$/, "256MiB");
/** Where something is found in a container. */
export const PATH = text("a whole path in the container", /^\/[^\0\\]{0,255}$/, "/data");
/** Host whose requests come to a container. */
export const HOST = text(
  "a name of a host",
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  "hello.test",
);
/** Name of a variable. */
export const VARIABLE = text("a variable", /^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "GREETING");
/** Path beside a pod file. */
export const FILE = text("a path from this file's folder", /^[^\0\\]{1,512}$/, "token.txt");
const PORT = { kind: "integer", min: 1, max: 65_535 } as const;
const TIME = text("a time", /^\d{1,9}(\.\d{1,3})?(ms|s|m)$/, "5s");

const CONTAINER = record({
  image: { shape: IMAGE, about: "What it is made of: a folder, or an image in a registry.", isRequired: true },
  command: {
    shape: listOf(text("a word", /^[^\0]{0,4096}$/, "node"), COMMAND_WORDS_MAX, 1),
    about: "What is started. Default: what the image says.",
  },
  workingDir: { shape: PATH, about: "Folder that it is started in. Default: what the image says." },
  env: {
    shape: { kind: "map", names: VARIABLE, of: { kind: "scalar" }, max: VARIABLES_MAX },
    about: "Its variables. Default: none.",
  },
  ports: {
    shape: listOf(
      record({
        port: { shape: PORT, about: "Port that it listens at.", isRequired: true },
        host: { shape: HOST, about: "Host whose requests of HTTP come to it." },
        protocol: {
          shape: { kind: "choice", of: ["http", "tcp", "udp"] },
          about: "Default: http where there is a host, else tcp.",
        },
      }),
      PORTS_MAX,
    ),
    about: "How it is reached from outside. Default: it is not.",
  },
  volumes: {
    shape: {
      kind: "map",
      names: NAME,
      of: {
        kind: "either",
        short: PATH,
        long: record({
          path: { shape: PATH, about: "Where it finds the volume.", isRequired: true },
          readOnly: { shape: { kind: "boolean" }, about: "Whether it may only read it. Default: false." },
        }),
      },
      max: VOLUMES_MAX,
    },
    about: "Volumes of the pod, and where it finds them. Default: none.",
  },
  secrets: {
    shape: { kind: "map", names: NAME, of: PATH, max: VOLUMES_MAX },
    about: "Secrets of the pod, and the file as which it finds each. Default: none.",
  },
  cpu: {
    shape: { kind: "scalar" },
    about: "Cores that are held for it, such as 500m or 1.5. Default: 100m.",
  },
  memory: { shape: SIZE, about: "Memory that is held for it; with more it is ended. Default: 128MiB." },
  gpu: { shape: { kind: "integer", min: 0, max: GPUS_MAX }, about: "Devices that are held for it. Default: 0." },
  health: {
    shape: record({
      path: { shape: text("a path", /^\/\S{0,1000}$/, "/healthz"), about: "Path that answers 200.", isRequired: true },
      port: { shape: PORT, about: "Default: that of its first port." },
      every: { shape: TIME, about: "Default: 5s." },
    }),
    about: "Says whether it is well. Default: that it listens at its ports.",
  },
});

/** All that a pod file may say. */
export const POD_SHAPE: RecordShape = record({
  name: { shape: NAME, about: "Names it among your pods.", isRequired: true },
  containers: {
    shape: { kind: "map", names: NAME, of: CONTAINER, max: CONTAINERS_MAX },
    about: "Its programs by name. They share a network, and reach each other at 127.0.0.1.",
    isRequired: true,
  },
  volumes: {
    shape: { kind: "map", names: NAME, of: SIZE, max: VOLUMES_MAX },
    about: "What is kept over restarts and updates, by name, and its size. Default: nothing.",
  },
  secrets: {
    shape: { kind: "map", names: NAME, of: FILE, max: VOLUMES_MAX },
    about: "Files that nobody but the pod reads, by name. Default: none.",
  },
  replicas: {
    shape: { kind: "integer", min: 1, max: REPLICAS_MAX },
    about: "Copies that run beside one another. Default: 1.",
  },
  addresses: {
    shape: { kind: "integer", min: 0, max: ADDRESSES_MAX },
    about: "Public addresses of its own. Default: 0.",
  },
  traffic: {
    shape: record({
      egress: { shape: SIZE, about: "The most that goes out in an hour. Default: 1GiB." },
      ingress: { shape: SIZE, about: "The most that comes in in an hour. Default: 1GiB." },
    }),
    about: "Bounds what use may cost.",
  },
});
