import { OrreryError } from "@orrery/core";
import { MANIFEST_BYTES_MAX, REGISTRY_WAIT_MS } from "./limits.ts";
import { parseChallenge } from "./registry-challenge.ts";
import { isLoopback, type RegistryPlace } from "./registry-place.ts";
import { sha256Of } from "./system-digest.ts";

/** Who asks a registry. */
export interface RegistryLogin {
  readonly user: string;
  readonly password: string;
}

/** Options of `createRegistryClient`. */
export interface RegistryClientOptions {
  /** Default: nobody. */
  readonly login?: RegistryLogin | undefined;
  /** Ends it early. Default: it goes on to its end. */
  readonly signal?: AbortSignal | undefined;
}

/** What a registry gave. */
export interface RegistryReply {
  readonly bytes: Uint8Array;
  /** As its header has it. */
  readonly mediaType: string;
}

/** Asks one repository of a registry, by the distribution protocol of OCI. */
export interface RegistryClient {
  /** A manifest or an index, by a tag or a digest, which is checked. */
  manifest(reference: string, accept: readonly string[]): Promise<RegistryReply>;
  /** A blob of a length, by its digest, which is checked. */
  blob(digest: string, size: number): Promise<Uint8Array>;
}

/**
 * Makes a client of a repository. Where the registry wants a token it gets one from where the registry says, for reading this repository alone.
 * @throws OrreryError from its methods: `not_found`, `permission_denied`, `unavailable`, or `data_loss` for another digest than was asked for
 */
export function createRegistryClient(
  place: Omit<RegistryPlace, "reference">,
  options: RegistryClientOptions,
): RegistryClient {
  return new Client(place, options);
}

/** I1: what has a login or a token goes to the registry alone, and to where it gives tokens, by https or on this machine. */
class Client implements RegistryClient {
  readonly #place: Omit<RegistryPlace, "reference">;
  readonly #options: RegistryClientOptions;
  #authorization: string | undefined;

  constructor(place: Omit<RegistryPlace, "reference">, options: RegistryClientOptions) {
    this.#place = place;
    this.#options = options;
  }

  async manifest(reference: string, accept: readonly string[]): Promise<RegistryReply> {
    const reply = await this.#get(`manifests/${reference}`, { accept: accept.join(", ") });
    const bytes = await this.#read(reply, MANIFEST_BYTES_MAX);
    const said = reply.headers.get("docker-content-digest");
    const wanted = reference.startsWith("sha256:") ? reference : said;
    if (wanted?.startsWith("sha256:")) this.#check(bytes, wanted);
    return { bytes, mediaType: reply.headers.get("content-type")?.split(";")[0]?.trim() ?? "" };
  }

  async blob(digest: string, size: number): Promise<Uint8Array> {
    const bytes = await this.#read(await this.#get(`blobs/${digest}`, {}), size);
    this.#check(bytes, digest);
    return bytes;
  }

  async #get(path: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const url = `${this.#place.origin}/v2/${this.#place.repository}/${path}`;
    let reply = await this.#fetch(url, headers);
    if (reply.status === 401 && (await this.#answer(reply))) reply = await this.#fetch(url, headers);
    if (reply.ok) return reply;
    await reply.body?.cancel();
    if (reply.status === 404) throw this.#failure("not_found", `the registry has no ${path}, look at its name`);
    const isRefused = reply.status === 401 || reply.status === 403;
    if (isRefused) throw this.#failure("permission_denied", "the registry does not let it be read, log in as who may");
    throw this.#failure("unavailable", `the registry answers ${reply.status}, try again later`);
  }

  /** Does what the registry asks for; false where nothing can be done. */
  async #answer(reply: Response): Promise<boolean> {
    await reply.body?.cancel();
    const { login } = this.#options;
    const basic = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`;
    const challenge = parseChallenge(reply.headers.get("www-authenticate"));
    if (challenge?.scheme === "basic" && basic !== undefined) this.#authorization = basic;
    else if (challenge?.scheme === "bearer") this.#authorization = await this.#token(challenge.parameters, basic);
    else return false;
    return true;
  }

  async #token(parameters: Readonly<Record<string, string>>, basic: string | undefined): Promise<string> {
    const { realm = "", service } = parameters;
    const url = URL.parse(realm);
    if (url === null || !(url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.host))))
      throw this.#failure(
        "permission_denied",
        `the registry gives tokens at ${JSON.stringify(realm)}, which is no place by https`,
      ); // I1
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", `repository:${this.#place.repository}:pull`);
    const reply = await this.#request(url, basic === undefined ? {} : { authorization: basic });
    if (!reply.ok)
      throw this.#failure("permission_denied", `${url.host} gives no token (${reply.status}), log in as who may`);
    const said = JSON.parse(Buffer.from(await this.#read(reply, MANIFEST_BYTES_MAX)).toString("utf8")) as Record<
      string,
      unknown
    >;
    const token = said["token"] ?? said["access_token"];
    if (typeof token !== "string")
      throw this.#failure("unavailable", `${url.host} answers without a token, try again later`);
    return `Bearer ${token}`;
  }

  async #fetch(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const authorization = this.#authorization;
    return await this.#request(url, { ...headers, ...(authorization !== undefined && { authorization }) });
  }

  /** Follows to where blobs lie; what authorizes does not come along to another host. */
  async #request(url: string | URL, headers: Readonly<Record<string, string>>): Promise<Response> {
    const late = AbortSignal.timeout(REGISTRY_WAIT_MS);
    const signal = this.#options.signal === undefined ? late : AbortSignal.any([late, this.#options.signal]);
    try {
      return await fetch(url, { headers, signal });
    } catch (cause) {
      const { message, cause: inner } = cause as Error;
      throw this.#failure(
        "unavailable",
        `${this.#place.origin} is not reached (${(inner as Error | undefined)?.message ?? message}), try again later`,
      );
    }
  }

  async #read(reply: Response, bytesMax: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const piece of reply.body ?? []) {
        bytes += piece.length;
        if (bytes > bytesMax) throw this.#failure("data_loss", `the registry gives more than ${bytesMax} bytes`);
        pieces.push(piece);
      }
    } catch (cause) {
      if (cause instanceof OrreryError) throw cause;
      throw this.#failure(
        "unavailable",
        `the registry stopped in the middle (${(cause as Error).message}), try again later`,
      );
    }
    return Buffer.concat(pieces);
  }

  #check(bytes: Uint8Array, digest: string): void {
    const found = sha256Of(bytes);
    if (found !== digest) throw this.#failure("data_loss", `the registry gives ${found} for ${digest}`);
  }

  #failure(code: "data_loss" | "not_found" | "permission_denied" | "unavailable", why: string): OrreryError {
    const { origin, repository } = this.#place;
    return new OrreryError(code, `Cannot fetch the image "${new URL(origin).host}/${repository}": ${why}`);
  }
}
