import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type Clock, type Log, OrreryError } from "@orrery/core";
import type { Certificates } from "./certificates.ts";
import { FILES_LOOK_MS } from "./limits.ts";
import { type Certificate, validityOf } from "./system-certificate.ts";

/** Options of `openCertificateFiles`. */
export interface CertificateFilesOptions {
  /** File of the certificate with those between it and the root, as PEM. */
  readonly chain: string;
  /** File of its key, as PEM. */
  readonly key: string;
  /** Says what time it is, and when to look again. */
  readonly clock: Clock;
  /** Told what was made, and what went wrong. */
  readonly log: Log;
}

/**
 * Takes one certificate for all hosts from files, and the next one when they change. What cannot be used leaves the one before in force.
 * @throws OrreryError `invalid_argument` for files that cannot be read, or do not belong together
 */
export function openCertificateFiles(options: CertificateFilesOptions): Certificates {
  const { chain, key, clock, log } = options;
  const markOf = () => [chain, key].map((file) => statSync(file).mtimeMs).join();
  let certificate = readPair(options);
  let mark = markOf();
  const ended = new AbortController();
  const watch = async () => {
    while (!ended.signal.aborted) {
      await clock.sleep(FILES_LOOK_MS, ended.signal).catch(() => undefined);
      try {
        const now = markOf();
        if (ended.signal.aborted || now === mark) continue;
        mark = now;
        certificate = readPair(options);
        log.info("the certificate was read anew", { file: chain });
      } catch (error) {
        log.error("the certificate cannot be used, the one before stays", { error: (error as Error).message });
      }
    }
  };
  const watching = watch();
  return {
    of: async () => certificate,
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await watching;
    },
  };
}

function readPair({ chain: chainFile, key: keyFile, clock }: CertificateFilesOptions): Certificate {
  const [chain, key] = [readText(chainFile), readText(keyFile)];
  try {
    createSecureContext({ cert: chain, key });
  } catch (cause) {
    const text = `Cannot use the certificate "${chainFile}" with the key "${keyFile}": ${(cause as Error).message}`;
    throw new OrreryError("invalid_argument", text, { cause });
  }
  const { untilMs } = validityOf({ chain });
  if (untilMs > clock.now()) return { chain, key };
  const when = new Date(untilMs).toISOString();
  throw new OrreryError("invalid_argument", `Cannot use the certificate "${chainFile}": it ended at ${when}, renew it`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const text = `Cannot read "${file}" for TLS: ${(cause as Error).message}`;
    throw new OrreryError("invalid_argument", text, { cause });
  }
}
