import { Agent } from "node:https";
import { type Clock, OrreryError } from "@orrery/core";
import type { CertificateIssuer } from "./certificates.ts";
import { ORDER_TIMEOUT_MS } from "./limits.ts";
import type { SealedFiles } from "./system-certificate-store.ts";

/** Options of `createAcmeIssuer`. */
export interface AcmeOptions {
  /** Address of the server's directory. */
  readonly directory: string;
  /** Whom it writes to before certificates end. Default: nobody. */
  readonly mail?: string | undefined;
  /** Authorities by which the server itself is known, as PEM. Default: those of Node. */
  readonly authorities?: string | undefined;
  /** Where the key of the account is kept. */
  readonly files: SealedFiles;
  /** Says when an order takes too long. */
  readonly clock: Clock;
}

/** Certificates by ACME, with proofs over plain HTTP. */
export interface AcmeIssuer extends CertificateIssuer {
  /** What is answered at `/.well-known/acme-challenge/TOKEN` of a host; undefined where nothing is asked for. */
  answerTo(host: string, token: string): string | undefined;
}

const ACCOUNT = "acme-account";

/** Makes it. The client is loaded with the first order. */
export function createAcmeIssuer(options: AcmeOptions): AcmeIssuer {
  const { clock, mail, directory } = options;
  const answers = new Map<string, string>();
  let opened: ReturnType<typeof openClient> | undefined;
  const clientOf = () => {
    opened ??= openClient(options).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const order = async (host: string) => {
    const { client, crypto } = await clientOf();
    const [key, csr] = await crypto.createCsr({ altNames: [host] }, await crypto.createPrivateEcdsaKey());
    const chain = await client.auto({
      csr,
      ...(mail !== undefined && { email: mail }),
      termsOfServiceAgreed: true,
      challengePriority: ["http-01"],
      skipChallengeVerification: true, // The server looks by itself; from here a host may look otherwise.
      challengeCreateFn: async ({ identifier }, { token }, answer) => {
        answers.set(`${identifier.value}/${token}`, answer);
      },
      challengeRemoveFn: async ({ identifier }, { token }) => {
        answers.delete(`${identifier.value}/${token}`);
      },
    });
    return { chain, key: key.toString() };
  };
  return {
    answerTo: (host, token) => answers.get(`${host}/${token}`),
    order: async (host) => {
      const late = Promise.withResolvers<never>();
      const timer = clock.timer(ORDER_TIMEOUT_MS, () =>
        late.reject(new Error(`it took more than ${ORDER_TIMEOUT_MS / 1_000} s`)),
      );
      try {
        return await Promise.race([order(host), late.promise]);
      } catch (cause) {
        const text = `Cannot get a certificate for "${host}" from ${directory}: ${(cause as Error).message}`;
        throw new OrreryError("unavailable", text, { cause });
      } finally {
        timer.cancel();
      }
    },
  };
}

async function openClient({ directory, authorities, files }: AcmeOptions) {
  const { default: acme } = await import("acme-client");
  if (authorities !== undefined) acme.axios.defaults.httpsAgent = new Agent({ ca: authorities });
  const kept = files.read(ACCOUNT);
  const accountKey = kept ?? (await acme.crypto.createPrivateEcdsaKey()).toString();
  if (kept === undefined) files.write(ACCOUNT, accountKey);
  return { client: new acme.Client({ directoryUrl: directory, accountKey }), crypto: acme.crypto };
}
