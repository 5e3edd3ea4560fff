import { listOf, type RecordShape, record, type Shape, type TextShape } from "@orrery/mesh/internal";
import { ADDED_HEADERS_MAX, ORIGINS_MAX, RATE_MAX, ROUTES_MAX } from "./limits.ts";

/** Methods that a route may answer. */
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
/** What says where a request goes: exactly one of these stands in each route. */
export const TARGETS = ["files", "service", "mechtron", "upstream", "redirect"] as const;
/** What a redirect may answer. */
export const REDIRECT_STATUSES = [301, 302, 303, 307, 308] as const;

const text = (what: string, pattern: RegExp, example: string): TextShape => ({ kind: "text", what, pattern, example });

const TIME = text("a time", /^\d{1,9}(\.\d{1,3})?(ms|s|m|h)$/, "30s");
const SIZE = text("a size", /^\d{1,12}(\.\d{1,3})?(B|kB|MB|GB|KiB|MiB|GiB)$/, "1MiB");
const HEADER_NAME = text("a name of a header", /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, "X-Frame-Options");
const HEADER_VALUE = text("a value of a header", /^[\t\x20-\x7e]{1,4000}$/, "DENY");

const RATE: Shape = {
  kind: "either",
  short: { kind: "number", min: 0.001, max: RATE_MAX },
  long: record({
    perSecond: { shape: { kind: "number", min: 0.001, max: RATE_MAX }, about: "Requests a second.", isRequired: true },
    burst: {
      shape: { kind: "integer", min: 1, max: RATE_MAX },
      about: "Requests that may come at once after a pause. Default: those of one second, at least 1.",
    },
    of: {
      shape: { kind: "choice", of: ["all", "client"] },
      about: "Whether all requests are counted together, or those of each client's address. Default: all.",
    },
  }),
};

const ORIGIN = text(
  "an origin, or * for all",
  /^(\*|https?:\/\/([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:\d{1,5})?)$/,
  "https://app.example",
);

const CORS: Shape = {
  kind: "either",
  short: ORIGIN,
  long: record({
    origins: {
      shape: listOf(ORIGIN, ORIGINS_MAX, 1),
      about: "Origins of pages, with scheme and port; * for all.",
      isRequired: true,
    },
    headers: {
      shape: listOf(HEADER_NAME, ADDED_HEADERS_MAX),
      about: "Header fields that they may send beside those of the protocols of services. Default: none.",
    },
    exposed: {
      shape: listOf(HEADER_NAME, ADDED_HEADERS_MAX),
      about: "Header fields of answers that they may read beside those. Default: none.",
    },
    credentials: {
      shape: { kind: "boolean" },
      about: "Whether they may send cookies, and certificates. Default: false.",
    },
    maxAge: { shape: TIME, about: "How long a browser need not ask again whether it may. Default: 2h." },
  }),
};

/** What stands in each route, and outside of routes as the default of all. */
const SHARED: RecordShape["fields"] = {
  timeout: {
    shape: TIME,
    about: "How long an answer may take to begin, and then from one piece to the next; else 504. Default: 30s.",
  },
  body: { shape: SIZE, about: "Bytes that a request's body may have; else 413. Default: 1MiB." },
  auth: {
    shape: text("an address of a list of users, or none", /^.{1,1024}$/, "demo.test:users"),
    about:
      "Of whose users one must be logged in: visitors are led to a page for that. It is then who asks. Default: none, for everybody.",
  },
  rate: { shape: RATE, about: "Requests a second, or a record; else 429. Default: as many as come." },
  cors: {
    shape: CORS,
    about: "Pages of which other sites may call, and read the answers: an origin, or a record. Default: none.",
  },
  headers: {
    shape: { kind: "map", names: HEADER_NAME, of: HEADER_VALUE, max: ADDED_HEADERS_MAX },
    about: "Header fields of every answer, in place of those of the same name. Default: none.",
  },
};

const ROUTE = record({
  path: { shape: text("a path", /^.{1,1024}$/, "/files/{rest*}"), about: "Which paths it means.", isRequired: true },
  methods: {
    shape: listOf({ kind: "choice", of: METHODS }, METHODS.length, 1),
    about: "Default: GET for files, POST for a service, all for what is left. HEAD comes with GET.",
  },
  files: {
    shape: text("an address", /^.{1,1024}$/, "demo.test:site:[latest]:/html/{rest}"),
    about: "The address of a file, or of what files lie in: a file system, a bundle by version or by tag, a directory.",
  },
  service: {
    shape: text(
      "component and method",
      /^[A-Za-z][\w.-]{0,250}\/([A-Za-z]\w{0,100}|\{[a-z]\w{0,100}\})$/,
      "shop.v1.Orders/Create",
    ),
    about:
      "A method of a component: it gets the body, JSON, and its reply is the answer. With a place of the path as method, all of them, by Connect, gRPC-Web and JSON.",
  },
  mechtron: {
    shape: text("an address of a mechtron", /^.{1,1024}$/, ".:app:main"),
    about: "A mechtron of the same space: it is handed the request, and answers it.",
  },
  upstream: {
    shape: text("an address of a web server", /^\S{1,2048}$/, "http://127.0.0.1:9000/{rest}"),
    about: "Another web server, by http or https: requests are passed on, WebSockets too. The query goes along.",
  },
  redirect: {
    shape: {
      kind: "either",
      short: text("where to go", /^\S{1,2048}$/, "/new/{rest}"),
      long: record({
        to: {
          shape: text("where to go", /^\S{1,2048}$/, "/new/{rest}"),
          about: "A path, or an address with http or https.",
          isRequired: true,
        },
        status: {
          shape: { kind: "integer", min: 301, max: 308 },
          about: `One of ${REDIRECT_STATUSES.join(", ")}. Default: 308.`,
        },
      }),
    },
    about: "Where the visitor is told to go. The query goes along where it has none of its own.",
  },
  ...SHARED,
});

/** What may stand in a bind. */
export const BIND_SHAPE: RecordShape = record({
  ...SHARED,
  routes: { shape: listOf(ROUTE, ROUTES_MAX), about: "In any order: the most exact path wins.", isRequired: true },
});
