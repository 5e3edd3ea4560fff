import { lookup as lookupName } from "node:dns";
import { type ClientRequest, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { parseRefusal } from "../ports/gateway-refusal.ts";
import { POD_ANSWER_BYTES_MAX, POD_ASK_MS } from "./limits.ts";

/** What is asked of a host of a pod. */
export interface HostQuestion {
  /** Where requests to hosts of the provider come in. */
  readonly gateway: string;
  readonly host: string;
  readonly path: string;
  /** Whether an answer counts by its status 200 alone. Default: by any below 500. */
  readonly isStrict: boolean;
  /** URL of the provider: what is at its own host may be asked wherever that is. */
  readonly provider: string;
}

/** What came of it: undefined where the pod answered, else why it did not, in words. */
export type HostAnswer = string | undefined;

/** Asks a host of a pod, once, for some seconds at most. It never throws. */
export type AskHost = (question: HostQuestion, signal: AbortSignal) => Promise<HostAnswer>;

/** Addresses of this machine and of networks that are not public. */
const OWN = new BlockList();
for (const [net, bits] of [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
  ] as const),
  ...([
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
  ] as const),
] as const)
  OWN.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  OWN.addSubnet(net, bits, "ipv6");

/**
 * Asks over HTTP. The address of a gateway is the provider's word: where it is another host than the provider's own, addresses that are not public are not
 * asked, so that no provider has a publisher ask what is behind its walls.
 */
export const askHost: AskHost = async (question, signal) => {
  try {
    const url = new URL(question.path, question.gateway);
    const isOwnHost = url.hostname === new URL(question.provider).hostname;
    if (!isOwnHost) assertPublic(url.hostname.replace(/^\[|\]$/g, ""));
    const bound = AbortSignal.any([signal, AbortSignal.timeout(POD_ASK_MS)]);
    const { status, text } = await ask(url, { host: question.host, signal: bound, isOwnHost });
    const refused = status >= 400 ? parseRefusal(text) : undefined;
    if (refused !== undefined) return refused;
    const isGood = question.isStrict ? status === 200 : status < 500;
    return isGood ? undefined : `it answers ${question.path} with status ${status}`;
  } catch (error) {
    return wordsOf(error as Error);
  }
};

function ask(
  url: URL,
  { host, signal, isOwnHost }: { readonly host: string; readonly signal: AbortSignal; readonly isOwnHost: boolean },
): Promise<{ readonly status: number; readonly text: string }> {
  const isSecret = url.protocol === "https:";
  const options = {
    ...{ headers: { host, connection: "close", accept: "*/*" }, agent: false as const, signal },
    ...(!isOwnHost && { lookup: lookupPublic }),
    ...(isSecret && { servername: host }),
  };
  return new Promise((resolve, reject) => {
    const asking: ClientRequest = (isSecret ? requestHttps : requestHttp)(url, options, (answer) => {
      let text = "";
      const end = () => {
        answer.destroy();
        resolve({ status: answer.statusCode ?? 0, text });
      };
      answer.setEncoding("latin1").on("data", (piece: string) => {
        text += piece;
        if (text.length >= POD_ANSWER_BYTES_MAX) end();
      });
      answer.on("end", end).on("error", reject);
    });
    asking.on("error", reject).end();
  });
}

/** Looks a name up, and takes none that leads to an address which is not public. */
const lookupPublic: LookupFunction = (name, options, done) => {
  lookupName(name, { ...options, all: true }, (error, found) => {
    const own = error === null ? found.find(({ address }) => isOwn(address)) : undefined;
    if (error !== null) return done(error, []);
    if (own !== undefined) return done(new Error(`its gateway ${name} is at ${own.address}, which is not public`), []);
    const [first] = found;
    if (options.all === true) return done(null, found);
    return done(null, first?.address ?? "", first?.family);
  });
};

function assertPublic(address: string): void {
  if (isIP(address) !== 0 && isOwn(address)) throw new Error(`its gateway is at ${address}, which is not public`);
}

function isOwn(address: string): boolean {
  return OWN.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function wordsOf({ name, message }: Error): string {
  return name === "TimeoutError" || name === "AbortError" ? `no answer within ${POD_ASK_MS / 1_000} s` : message;
}
