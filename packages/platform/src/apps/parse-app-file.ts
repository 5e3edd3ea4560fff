import { type Misfit, parseDuration, parseSize, readDocument } from "@orrery/mesh/internal";
import type { PropertyValue } from "@orrery/registry";
import { type Address, parseAddress, printAddress } from "@orrery/registry/service";
import { judgeBind } from "../bind/judge-bind.ts";
import { ROUTE_TIMEOUT_MAX_MS } from "../bind/limits.ts";
import { completeBind, completeCalls, type PlaceOf } from "../bind/parse-bind.ts";
import type { SaidBind, SaidRoute } from "../bind/said-bind.ts";
import { parseUpstreams, type UpstreamList } from "../bind/upstream-list.ts";
import { MEMORY_BYTES_MAX, PAGE_BYTES } from "../cage/limits.ts";
import { foreignOf, judgePart, type SaidPart } from "../foreign/read-foreign.ts";
import { PERSIST_DEFAULT, type PersistRule } from "../stateful/persist-rule.ts";
import type { AppFile, AppMechtron, AppPart, AppResource } from "./app-file.ts";
import { APP_SHAPE } from "./app-shape.ts";
import { judgeResources } from "./judge-resources.ts";
import { APP_FILE_BYTES_MAX, APP_VARIABLE_BYTES_MAX } from "./limits.ts";

/** Options of the parser. */
export interface ParseAppFileOptions {
  /** What errors call the document. */
  readonly file: string;
  /** Address of what the app lies in: relative addresses start there. Default: they are only looked at. */
  readonly in?: string;
  /** Address of the bundle that it came in. Default: none, files of its own are only looked at. */
  readonly bundle?: string;
  /** Folder of the document in that bundle, such as `/shop`. Default: its top. */
  readonly folder?: string;
  /** Address of the app itself, below which its mechtrons lie. Default: they are only looked at. */
  readonly app?: string;
  /** As of `parseBind`. */
  readonly upstreams?: readonly string[];
}

/** What an `orrery.yaml` says, by its shape. */
interface SaidApp extends Partial<SaidBind> {
  readonly components?: Readonly<Record<string, string | SaidPart>>;
  readonly mechtrons?: Readonly<Record<string, string | SaidMechtron>>;
  readonly resources?: Readonly<Record<string, string | SaidResource>>;
  readonly requires?: readonly string[];
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  readonly secrets?: Readonly<Record<string, string>>;
}

interface SaidMechtron {
  readonly path: string;
  readonly settings?: AppMechtron["settings"];
  readonly methods?: readonly string[];
  readonly memory?: string;
  readonly cpu?: string;
  readonly stateful?: boolean;
  readonly persist?: PersistRule;
}

/** A resource in an `orrery.yaml`, in its long form. */
interface SaidResource {
  readonly kind: string;
  readonly properties?: Readonly<Record<string, PropertyValue>>;
  readonly may?: string;
}

/** Where addresses start of which nobody says where the app will lie. */
const ANYWHERE = "app.invalid";

/**
 * Reads the text of an `orrery.yaml`. What it leaves out is filled in.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column`, what would work, its line and a caret
 */
export function parseAppFile(
  text: string,
  {
    file,
    in: lies = ANYWHERE,
    bundle = `${ANYWHERE}:1.0.0`,
    folder = "",
    app = `${lies}:app`,
    upstreams,
  }: ParseAppFileOptions,
): AppFile {
  const base = parseAddress(lies);
  const list = upstreams === undefined ? undefined : parseUpstreams(upstreams);
  const own = (said: SaidApp) => bindOf(said, { own: `${bundle}:${folder}`, app });
  const judge = (said: SaidApp) => [...judgeBind(own(said), { base, upstreams: list }), ...judgeApp(said, base, list)];
  let placeOf: PlaceOf | undefined;
  const said: SaidApp = readDocument<SaidApp>(text, APP_SHAPE, {
    ...{ file, judge, bytesMax: APP_FILE_BYTES_MAX, showsLines: true },
    onLines: (lineOf) => {
      placeOf = (path) => `${file}:${lineOf(path)}`;
    },
  });
  const { components = {}, mechtrons = {}, resources = {}, requires = [], env = {}, secrets = {} } = said;
  return {
    components: Object.entries(components).map(([name, one]) => partOf(name, one)),
    mechtrons: Object.entries(mechtrons).map(([name, one]) => mechtronOf(name, one)),
    resources: Object.entries(resources).map(([address, one]) => resourceOf(address, one, base)),
    requires: requires.map((one) => printAddress(parseAddress(one, { base }))),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
    secrets,
    routes: completeBind(own(said), { base, placeOf }).routes,
    calls: completeCalls(own(said), { base }),
  };
}

function partOf(name: string, said: string | SaidPart): AppPart {
  const whole: SaidPart = typeof said === "string" ? { path: said } : said;
  const foreign = foreignOf(whole);
  const path = (foreign === undefined ? whole.path : whole.proto) ?? "";
  const instances = spanOf(whole.instances);
  return { name, path: path.replace(/^(\.\/)+/, ""), instances, ...(foreign && { foreign }) };
}

function spanOf(said: SaidPart["instances"]): AppPart["instances"] {
  if (typeof said !== "object") return said;
  const { min = 1, max, wait } = said;
  return { min, max, ...(wait !== undefined && { waitMs: parseDuration(wait) ?? 0 }) };
}

function mechtronOf(name: string, said: string | SaidMechtron): AppMechtron {
  const {
    path,
    settings,
    methods = [],
    memory,
    cpu,
    ...state
  }: SaidMechtron = typeof said === "string" ? { path: said } : said;
  const limits = {
    ...(memory !== undefined && { memoryBytes: parseSize(memory) ?? 0 }),
    ...(cpu !== undefined && { cpuMs: parseDuration(cpu) ?? 0 }),
  };
  const persist = state.stateful === true ? (state.persist ?? PERSIST_DEFAULT) : undefined;
  return { name, path: path.replace(/^(\.\/)+/, ""), methods, settings, limits, persist };
}

function resourceOf(address: string, said: string | SaidResource, base: Address): AppResource {
  const { kind, properties = {}, may = "csdrwx" } = typeof said === "string" ? { kind: said } : said;
  return { address: printAddress(parseAddress(address, { base })), kind, properties, may };
}

/** The part that is a bind, with files and mechtrons of the app's own where they are. */
function bindOf(
  { routes = [], timeout, body, rate, auth, cors, headers }: SaidApp,
  { own: top, app }: { readonly own: string; readonly app: string },
): SaidBind {
  const own = (route: SaidRoute): SaidRoute => ({
    ...route,
    ...(route.files?.startsWith("/") === true && { files: `${top}${route.files}` }),
    ...(route.mechtron?.includes(":") === false && { mechtron: `${app}:${route.mechtron}` }),
  });
  return {
    routes: routes.map(own),
    ...(timeout === undefined ? {} : { timeout }),
    ...(body === undefined ? {} : { body }),
    ...(rate === undefined ? {} : { rate }),
    ...(auth === undefined ? {} : { auth }),
    ...(cors === undefined ? {} : { cors }),
    ...(headers === undefined ? {} : { headers }),
  };
}

function judgeApp(said: SaidApp, base: Address, upstreams: UpstreamList | undefined): readonly Misfit[] {
  const misfits: Misfit[] = [];
  const tell = (path: Misfit["path"], why: string) => void misfits.push({ path, text: `"${path.join(".")}" ${why}` });
  for (const group of ["components", "mechtrons"] as const)
    for (const [name, one] of Object.entries(said[group] ?? {})) {
      const isForeign = typeof one !== "string" && !("path" in one);
      const place = typeof one === "string" ? [group, name] : [group, name, isForeign ? "proto" : "path"];
      if (group === "components" && typeof one !== "string")
        judgePart(one as SaidPart, {
          upstreams,
          tell: (field, why) => tell([group, name, ...(field === undefined ? [] : [field])], why),
        });
      const { path, instances } = partOf(name, one as string | SaidPart);
      const isOutside = path.startsWith("/") || path.split("/").includes("..");
      if (typeof instances === "object" && instances.min > instances.max)
        tell([group, name, "instances"], `has min ${instances.min} above max ${instances.max}: swap them`);
      if (isOutside) tell(place, `is "${path}", outside of this file's folder: move it there`);
    }
  judgeMechtrons(said, tell);
  judgeResources(said, { base, tell });
  for (const [index, one] of (said.requires ?? []).entries()) {
    const why = whyNoAddress(one, base);
    if (why !== undefined) tell(["requires", index], `is no address: ${why}`);
  }
  for (const [name, value] of Object.entries(said.env ?? {})) {
    if (isReserved(name)) tell(["env", name], "is one of the platform's own: choose another name");
    if (String(value).length > APP_VARIABLE_BYTES_MAX)
      tell(["env", name], `is longer than ${APP_VARIABLE_BYTES_MAX} bytes: keep it in a file`);
  }
  for (const name of Object.keys(said.secrets ?? {})) {
    if (isReserved(name)) tell(["secrets", name], "is one of the platform's own: choose another name");
    if (said.env !== undefined && Object.hasOwn(said.env, name))
      tell(["secrets", name], "is in env too: leave one of them out");
  }
  return misfits;
}

function judgeMechtrons(
  { mechtrons = {}, routes = [] }: SaidApp,
  tell: (path: Misfit["path"], why: string) => void,
): void {
  for (const [name, one] of Object.entries(mechtrons)) {
    const { memoryBytes = PAGE_BYTES, cpuMs = 1 } = mechtronOf(name, one).limits;
    if (!Number.isInteger(memoryBytes) || memoryBytes < PAGE_BYTES || memoryBytes > MEMORY_BYTES_MAX)
      tell(["mechtrons", name, "memory"], "is out of range: write from 64KiB to 1GiB");
    if (!Number.isInteger(cpuMs) || cpuMs < 1 || cpuMs > ROUTE_TIMEOUT_MAX_MS)
      tell(["mechtrons", name, "cpu"], "is out of range: write from 1ms to 1h");
    if (typeof one !== "string" && one.persist !== undefined && one.stateful !== true)
      tell(["mechtrons", name, "persist"], "is of no use without stateful: write stateful: true, or leave it out");
  }
  const names = Object.keys(mechtrons);
  for (const [index, { mechtron }] of routes.entries())
    if (mechtron?.includes(":") === false && !names.includes(mechtron))
      tell(
        ["routes", index, "mechtron"],
        `is "${mechtron}", which is none of this app: it has ${names.join(", ") || "none"}`,
      );
}

/** Names by which Node and the platform are steered. */
function isReserved(name: string): boolean {
  return /^(ORRERY_|NODE_|LD_)/i.test(name) || /^(PATH|HOME)$/i.test(name);
}

function whyNoAddress(text: string, base: Address): string | undefined {
  try {
    parseAddress(text, { base });
    return undefined;
  } catch (error) {
    const [line = ""] = (error as Error).message.split("\n");
    return line.replace(/^Cannot parse address "[^"]*": /, "");
  }
}
