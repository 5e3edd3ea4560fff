import { type Misfit, readDocument } from "@orrery/mesh/internal";
import { type Address, parseAddress, printAddress } from "@orrery/registry";
import { judgeBind } from "../bind/judge-bind.ts";
import { completeBind } from "../bind/parse-bind.ts";
import type { SaidBind, SaidRoute } from "../bind/said-bind.ts";
import { parseUpstreams } from "../bind/upstream-list.ts";
import type { AppFile, AppPart } from "./app-file.ts";
import { APP_SHAPE } from "./app-shape.ts";
import { APP_FILE_BYTES_MAX, APP_VARIABLE_BYTES_MAX } from "./limits.ts";

/** Options of the parser. */
export interface ParseAppFileOptions {
  /** What errors call the document. */
  readonly file: string;
  /** Address of what the app lies in: relative addresses start there. Default: they are only looked at. */
  readonly in?: string;
  /** Address of the bundle that it came in. Default: none, files of its own are only looked at. */
  readonly bundle?: string;
  /** As of `parseBind`. */
  readonly upstreams?: readonly string[];
}

/** What an `orrery.yaml` says, by its shape. */
interface SaidApp extends Partial<SaidBind> {
  readonly components?: Readonly<Record<string, string | SaidPart>>;
  readonly requires?: readonly string[];
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  readonly secrets?: Readonly<Record<string, string>>;
}

interface SaidPart {
  readonly path: string;
  readonly instances?: number;
}

/** Where addresses start of which nobody says where the app will lie. */
const ANYWHERE = "app.invalid";

/**
 * Reads the text of an `orrery.yaml`. What it leaves out is filled in.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column`, what would work, its line and a caret
 */
export function parseAppFile(
  text: string,
  { file, in: lies = ANYWHERE, bundle = `${ANYWHERE}:1.0.0`, upstreams }: ParseAppFileOptions,
): AppFile {
  const base = parseAddress(lies);
  const list = upstreams === undefined ? undefined : parseUpstreams(upstreams);
  const own = (said: SaidApp) => bindOf(said, bundle);
  const judge = (said: SaidApp) => [...judgeBind(own(said), { base, upstreams: list }), ...judgeApp(said, base)];
  const said: SaidApp = readDocument<SaidApp>(text, APP_SHAPE, {
    file,
    bytesMax: APP_FILE_BYTES_MAX,
    showsLines: true,
    judge,
  });
  const { components = {}, requires = [], env = {}, secrets = {} } = said;
  return {
    components: Object.entries(components).map(([name, one]) => partOf(name, one)),
    requires: requires.map((one) => printAddress(parseAddress(one, { base }))),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
    secrets,
    routes: completeBind(own(said), base).routes,
  };
}

function partOf(name: string, said: string | SaidPart): AppPart {
  const { path, instances } = typeof said === "string" ? { path: said } : said;
  return { name, path: path.replace(/^(\.\/)+/, ""), instances };
}

/** The part that is a bind, with files of the app's own where they are. */
function bindOf({ routes = [], timeout, body, rate, headers }: SaidApp, bundle: string): SaidBind {
  const ownFiles = (route: SaidRoute): SaidRoute =>
    route.files?.startsWith("/") === true ? { ...route, files: `${bundle}:${route.files}` } : route;
  return {
    routes: routes.map(ownFiles),
    ...(timeout === undefined ? {} : { timeout }),
    ...(body === undefined ? {} : { body }),
    ...(rate === undefined ? {} : { rate }),
    ...(headers === undefined ? {} : { headers }),
  };
}

function judgeApp(said: SaidApp, base: Address): readonly Misfit[] {
  const misfits: Misfit[] = [];
  const tell = (path: Misfit["path"], why: string) => void misfits.push({ path, text: `"${path.join(".")}" ${why}` });
  for (const [name, one] of Object.entries(said.components ?? {})) {
    const place = typeof one === "string" ? ["components", name] : ["components", name, "path"];
    const { path } = partOf(name, one);
    const isOutside = path.startsWith("/") || path.split("/").includes("..");
    if (isOutside) tell(place, `is "${path}", outside of this file's folder: move it there`);
  }
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
