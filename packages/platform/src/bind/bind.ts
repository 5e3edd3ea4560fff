import type { Address } from "@orrery/registry";
import type { PathPattern } from "./path-pattern.ts";
import type { Template } from "./template.ts";

/** What a space answers to, read from YAML by `parseBind`. */
export interface Bind {
  readonly routes: readonly Route[];
}

/** One route with all that was left out filled in. */
export interface Route {
  readonly path: PathPattern;
  /** Methods of HTTP in capitals; where GET is, HEAD is too. */
  readonly methods: readonly string[];
  readonly target: Target;
  /** How long an answer may take to begin, and then from one piece to the next. */
  readonly timeoutMs: number;
  /** File and line that say so, such as `demo.test:cfg:/bind.yaml:7`; undefined for the default. */
  readonly timeoutBy: string | undefined;
  /** Bytes that a request's body may have; 0 where the target takes none. */
  readonly bodyBytesMax: number;
  readonly rate?: RateLimit;
  /** List of the users of whom one must be logged in. Default: nobody needs to. */
  readonly auth?: string;
  /** Pages of which other sites may call. Default: none. */
  readonly cors?: CorsRule;
  /** Names and values that every answer has, in place of those of the same name. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Pages of which other sites may call. */
export interface CorsRule {
  /** Such as `https://app.example`; `*` stands for all. */
  readonly origins: readonly string[];
  /** Header fields that they may send beside those of calls. */
  readonly headers: readonly string[];
  /** Header fields of answers that they may read beside those of calls. */
  readonly exposed: readonly string[];
  /** Whether they may send cookies. */
  readonly credentials: boolean;
  /** How long a browser need not ask again. */
  readonly maxAgeMs: number;
}

/** What answers a request. */
export type Target =
  | FilesTarget
  | ServiceTarget
  /** A mechtron, which is handed the request as it is. */
  | { readonly kind: "mechtron"; readonly address: string }
  /** Another web server. */
  | UpstreamTarget
  | RedirectTarget;

/** A file, or what lies in a file system, a bundle or a directory. */
export interface FilesTarget {
  readonly kind: "files";
  /** Without its path; may have a tag in the place of a version. */
  readonly address: Address;
  /** The path inside. */
  readonly path: Template;
}

/** A method of a component. */
export interface ServiceTarget {
  readonly kind: "service";
  readonly component: string;
  /** Its name, with a body of JSON; or the name of a place in the path that says it, for all of the component's, by the protocols of services. */
  readonly method: string | { readonly in: string };
}

/** Another web server. */
export interface UpstreamTarget {
  readonly kind: "upstream";
  /** Such as `http://127.0.0.1:9000`. */
  readonly origin: string;
  /** Path, and query if it has one of its own. */
  readonly path: Template;
}

/** Another place, which the visitor is told. */
export interface RedirectTarget {
  readonly kind: "redirect";
  readonly to: Template;
  readonly status: number;
}

/** How many requests may come. */
export interface RateLimit {
  readonly perSecond: number;
  /** Requests that may come at once after a pause. */
  readonly burst: number;
  /** Whether all are counted together, or each client's address for itself. */
  readonly of: "all" | "client";
}
