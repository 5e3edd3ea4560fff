import { listOf, type RecordShape, record, type TextShape } from "@orrery/mesh/internal";
import { BIND_SHAPE } from "../bind/bind-shape.ts";
import { FOREIGN_PROTOCOLS } from "../foreign/foreign-part.ts";
import { EXEC_WORDS_MAX, FOREIGN_METHODS_MAX } from "../foreign/limits.ts";
import { PERSIST_RULES } from "../stateful/persist-rule.ts";
import {
  APP_COMPONENTS_MAX,
  APP_INSTANCES_MAX,
  APP_MECHTRONS_MAX,
  APP_REQUIRES_MAX,
  APP_RESOURCES_MAX,
  APP_VARIABLES_MAX,
  MECHTRON_METHODS_MAX,
  MECHTRON_SETTINGS_MAX,
} from "./limits.ts";

const text = (what: string, pattern: RegExp, example: string): TextShape => ({ kind: "text", what, pattern, example });

const PATH = text("a path from this file's folder", /^[^\0\\]{1,512}$/, "greeter.ts");
const CODE = text("a path of a .wasm or a .js from this file's folder", /^[^\0\\]{1,508}\.(wasm|js|mjs)$/, "main.wasm");
const URL_OF = text(
  "an address of a server, http or https",
  /^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/,
  "http://10.0.0.5:8000",
);
const PROTO = text("a path of a .proto from this file's folder", /^[^\0\\]{1,506}\.proto$/, "greeter.proto");
const KIND = text("a name of a kind", /^[A-Z][A-Za-z0-9]{0,62}$/, "FileSystem");
const VARIABLE = text("a variable", /^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "GREETING");
const { routes, ...shared } = BIND_SHAPE.fields;

/** All that an `orrery.yaml` may say: what an app is made of, and, as in a bind, what it answers to. */
export const APP_SHAPE: RecordShape = record({
  components: {
    shape: {
      kind: "map",
      names: text("a name of a service, or its last part", /^[A-Za-z][A-Za-z0-9_.-]{0,47}$/, "greeter"),
      of: {
        kind: "either",
        short: PATH,
        long: record({
          path: { shape: PATH, about: "File or folder that holds it." },
          instances: {
            shape: {
              kind: "either",
              short: { kind: "integer", min: 1, max: APP_INSTANCES_MAX },
              long: record({
                min: { shape: { kind: "integer", min: 1, max: APP_INSTANCES_MAX }, about: "The least. Default: 1." },
                max: {
                  shape: { kind: "integer", min: 1, max: APP_INSTANCES_MAX },
                  about: "The most, of which as many run as are needed.",
                  isRequired: true,
                },
                wait: {
                  shape: text("a time", /^\d{1,9}(\.\d{1,3})?(ms|s|m)$/, "200ms"),
                  about: "How long a call may wait before another process is started. Default: 200ms.",
                },
              }),
            },
            about:
              "Processes; or min and max, between which it follows what waits. Default: what its component.yaml says, else 1.",
          },
          exec: {
            shape: listOf(text("a word", /^[^\0]{1,4096}$/, "python3"), EXEC_WORDS_MAX, 1),
            about:
              "In the place of path: what starts a program in this file's folder, which listens at $PORT of 127.0.0.1.",
          },
          speaks: {
            shape: { kind: "choice", of: FOREIGN_PROTOCOLS },
            about: "By what the program of exec is called. Default: http.",
          },
          http: { shape: URL_OF, about: "In the place of path: a server that runs elsewhere, and is called by JSON." },
          connect: { shape: URL_OF, about: "The same, of one that speaks Connect." },
          grpc: { shape: URL_OF, about: "The same, of one that speaks gRPC." },
          proto: { shape: PROTO, about: "The contract of such a program." },
          methods: {
            shape: {
              kind: "map",
              names: text("a method", /^[A-Za-z]\w{0,100}$/, "SayHello"),
              of: text(
                "GET, POST, PUT, PATCH or DELETE and a path",
                /^(GET|POST|PUT|PATCH|DELETE) \/[^\s?#]{0,1000}$/,
                "GET /guests/{name}",
              ),
              max: FOREIGN_METHODS_MAX,
            },
            about: "How methods are called by http: fields stand as places in the path. Default: POST and the name.",
          },
          health: {
            shape: text("a path", /^\/\S{0,1000}$/, "/healthz"),
            about: "Path that says whether such a program is well. Default: that it takes connections.",
          },
        }),
      },
      max: APP_COMPONENTS_MAX,
    },
    about: "Its components by name: the file or folder of each, or more.",
  },
  mechtrons: {
    shape: {
      kind: "map",
      names: text("a name of small letters, digits and -", /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "main"),
      of: {
        kind: "either",
        short: CODE,
        long: record({
          path: { shape: CODE, about: "File of its code: a module of WebAssembly, or a script.", isRequired: true },
          settings: {
            shape: {
              kind: "map",
              names: text("a name of a setting", /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/, "size"),
              of: { kind: "scalar" },
              max: MECHTRON_SETTINGS_MAX,
            },
            about: "What it finds as its config. Default: nothing.",
          },
          methods: {
            shape: listOf(text("a method", /^[A-Za-z]\w{0,100}$/, "hello"), MECHTRON_METHODS_MAX),
            about: "Methods that it answers in JSON, as a service of its name. Default: none.",
          },
          memory: {
            shape: text("a size", /^\d{1,12}(\.\d{1,3})?(B|kB|MB|GB|KiB|MiB|GiB)$/, "64MiB"),
            about: "Memory that it may use, up to 1GiB. Default: 64MiB.",
          },
          cpu: {
            shape: text("a time", /^\d{1,9}(\.\d{1,3})?(ms|s|m|h)$/, "1s"),
            about: "Time of the processor that one message may take. Default: 1s.",
          },
          stateful: {
            shape: { kind: "boolean" },
            about: "Whether it is one that remembers, and handles one message at a time. Default: false.",
          },
          persist: {
            shape: { kind: "choice", of: PERSIST_RULES },
            about: "What becomes of what it remembers when its platform ends. Default: ReplicateToFile.",
          },
        }),
      },
      max: APP_MECHTRONS_MAX,
    },
    about: "Its mechtrons by name: the file of the code of each, or more.",
  },
  resources: {
    shape: {
      kind: "map",
      names: text("an address", /^.{1,1024}$/, ".:files"),
      of: {
        kind: "either",
        short: KIND,
        long: record({
          kind: { shape: KIND, about: "Its kind.", isRequired: true },
          properties: {
            shape: {
              kind: "map",
              names: text("a name of a property", /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/, "title"),
              of: { kind: "json" },
              max: APP_VARIABLES_MAX,
            },
            about: "What it is made with. Default: nothing.",
          },
          may: {
            shape: text("some of csdrwx", /^(?!.*(.).*\1)[csdrwx]{1,6}$/, "rw"),
            about: "What the app and its mechtrons may do with it and what lies in it. Default: csdrwx, everything.",
          },
        }),
      },
      max: APP_RESOURCES_MAX,
    },
    about: "Resources that are made for it where they are not there: the kind of each by its address, or more.",
  },
  requires: {
    shape: listOf(text("an address", /^.{1,1024}$/, ".:files"), APP_REQUIRES_MAX),
    about: "Resources that must be there and ready before it starts; from what the app lies in.",
  },
  env: {
    shape: { kind: "map", names: VARIABLE, of: { kind: "scalar" }, max: APP_VARIABLES_MAX },
    about: "Variables of all components, with their values.",
  },
  secrets: {
    shape: {
      kind: "map",
      names: VARIABLE,
      of: text("a name of a secret", /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, "api-key"),
      max: APP_VARIABLES_MAX,
    },
    about: "Variables whose values are secrets of the app, by their names.",
  },
  ...shared,
  ...(routes && {
    routes: {
      shape: routes.shape,
      about: "What it answers to, as in a bind; files that start with /, and mechtrons named alone, are its own.",
    },
  }),
});
