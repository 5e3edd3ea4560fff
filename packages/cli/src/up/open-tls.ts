import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Clock, Log } from "@orrery/core";
import {
  createAcmeIssuer,
  createCertificateStore,
  createCertificates,
  type Domains,
  openCertificateFiles,
  openOwnAuthority,
  openSealedFiles,
  type WebServerOptions,
} from "@orrery/platform";
import type { Registry } from "@orrery/registry";
import type { KeyRing } from "@orrery/registry/upkeep";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { parsePort } from "../parse-port.ts";
import type { Terminal } from "../terminal.ts";
import { ACME_DIRECTORY, UP_TLS_PORT } from "./limits.ts";

/** How visitors come by TLS. */
export interface TlsWish {
  readonly port: number;
  readonly from:
    | { readonly kind: "acme"; readonly directory: string; readonly mail?: string; readonly authorities?: string }
    | { readonly kind: "own" }
    | { readonly kind: "files"; readonly chain: string; readonly key: string };
}

/** Reads what is said of TLS; undefined where nothing is. @throws CommandError for what does not fit together */
export function readTls(input: CommandInput, terminal: Terminal): TlsWish | undefined {
  const said = input.text("tls");
  const only = (flag: string, isFor: boolean, whose: string) => {
    if (input.text(flag) !== undefined && !isFor)
      throw usageError(`Cannot use --${flag} without --tls=${whose}`, `orrery up --tls=${whose} --${flag}=…`);
  };
  const isFile = said !== undefined && said !== "acme" && said !== "own";
  only("tls-port", said !== undefined, "acme");
  only("tls-key", isFile, "cert.pem");
  for (const flag of ["acme", "acme-mail", "acme-ca"]) only(flag, said === "acme", "acme");
  if (said === undefined) return undefined;
  const portText = input.text("tls-port");
  const port = portText === undefined ? UP_TLS_PORT : parsePort(portText, "tls-port");
  if (said === "own") return { port, from: { kind: "own" } };
  if (said === "acme") {
    const [mail, ca] = [input.text("acme-mail"), input.text("acme-ca")];
    const authorities = ca === undefined ? undefined : readText(resolve(terminal.cwd, ca), ca);
    const directory = input.text("acme") ?? ACME_DIRECTORY;
    if (!/^https:\/\//.test(directory) || !URL.canParse(directory))
      throw usageError(`Cannot read flag --acme: "${directory}" is no address, write one with https`);
    return {
      port,
      from: { kind: "acme", directory, ...(mail && { mail }), ...(authorities && { authorities }) },
    };
  }
  const key = input.text("tls-key");
  if (key === undefined)
    throw usageError(`Cannot take TLS by "${said}": its key is missing`, `orrery up --tls=${said} --tls-key=key.pem`);
  return { port, from: { kind: "files", chain: resolve(terminal.cwd, said), key: resolve(terminal.cwd, key) } };
}

function readText(file: string, shown: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const text = `Cannot read "${shown}" for --acme-ca: ${(cause as Error).message}`;
    throw new CommandError(text, { exit: EXIT.notFound, cause });
  }
}

/** What certificates are made with. */
export interface OpenTlsOptions {
  /** Of the platform. */
  readonly folder: string;
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly domains: Domains;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens certificates as they were wished for, and adds what is to be closed. @throws OrreryError as `openCertificateFiles` */
export async function openTls(
  { from }: TlsWish,
  { folder, keys, registry, domains, clock, log }: OpenTlsOptions,
  parts: AsyncDisposableStack,
): Promise<NonNullable<WebServerOptions["tls"]>> {
  if (from.kind === "files") return { certificates: parts.use(openCertificateFiles({ ...from, clock, log })) };
  const files = openSealedFiles(join(folder, "certificates"), keys);
  const store = createCertificateStore(files);
  const isSpace = async (host: string) =>
    (await registry.get(host, { agent: "operator" }).catch(() => undefined))?.kind === "Space";
  const isServed = async (host: string) => domains.spaceOf(host) !== undefined || (await isSpace(host));
  if (from.kind === "own") {
    const issuer = await openOwnAuthority({ files, clock });
    writeFileSync(join(folder, "authority.pem"), issuer.root, { mode: 0o644 });
    return { certificates: parts.use(await createCertificates({ store, issuer, isServed, clock, log })) };
  }
  const issuer = createAcmeIssuer({ ...from, files, clock });
  const isPublic = async (host: string) => !NEVER_PUBLIC.test(host) && (await isServed(host));
  const certificates = parts.use(await createCertificates({ store, issuer, isServed: isPublic, clock, log }));
  return { certificates, answerTo: (host, token) => issuer.answerTo(host, token) };
}

/** Names that no authority of the world gives a certificate for. */
const NEVER_PUBLIC = /^[^.]+$|\.(test|localhost|local|internal|invalid|example)$/;
