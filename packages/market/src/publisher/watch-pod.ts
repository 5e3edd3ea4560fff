import type { Clock } from "@orrery/core";
import type { Reading } from "../chain/lease-chain.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import { readSealedPod } from "../pod/sealed-pod-json.ts";
import type { LeaseRecord } from "./lease-record.ts";
import type { AskHost, HostQuestion } from "./system-ask-host.ts";

/** How a pod is from outside, where that is another than it was told before. */
export interface PodNews {
  readonly kind: "pod";
  /** Name of the pod. */
  readonly pod: string;
  readonly host: string;
  readonly isAnswered: boolean;
  /** Since when it does not answer, or from when on it did not before; 0 where it always did. Seconds since 1970, by the chain. */
  readonly since: number;
  /** Why it does not. */
  readonly why?: string | undefined;
  /** What its provider says of it meanwhile; undefined where that is not reached. */
  readonly said?: PodWord | undefined;
}

/** What a provider says of a pod. */
export interface PodWord {
  /** Such as `running`. */
  readonly state: string;
  readonly isHealthy: boolean;
}

/** What watching a pod works with. */
export interface PodWatchOptions {
  /** The newest record of the lease: of an update hosts are others. */
  readonly record: () => Promise<LeaseRecord>;
  readonly ask: AskHost;
  /** What the provider says of the pod. */
  readonly word: () => Promise<PodWord>;
  readonly clock: Pick<Clock, "monotonic">;
  /** Between two questions, at least, in ms. */
  readonly everyMs: number;
  readonly onNews: (news: PodNews) => void;
}

/** Asks a pod from outside as its visitors do, at looks of a follower. It tells, and decides nothing: its gateway is the provider's, and leases are about beats. */
export interface PodWatch {
  /** A look at the chain: asks, where it is time to and the pod is to serve by it. */
  look(latest: Reading): void;
  /** Asks nothing any more; what was asked is given up. */
  stop(): Promise<void>;
}

/** What is known of one host. */
interface HostWatch {
  /** What was told of it. */
  readonly told?: "answers" | "silent" | undefined;
  /** When the first question of those in a row that had no answer was asked; undefined where the last one had one. */
  readonly silentSince?: number | undefined;
}

/** Makes one. What has no answer once is asked again, and told of where it has none then. */
export function createPodWatch(options: PodWatchOptions): PodWatch {
  const { clock, everyMs, onNews } = options;
  const end = new AbortController();
  let [hosts, nextMs] = [new Map<string, HostWatch>(), Number.NEGATIVE_INFINITY];
  let asking: Promise<void> | undefined;
  const round = async (at: number) => {
    const record = await options.record();
    const asked = questionsOf(record);
    const answers = await Promise.all(asked.map((question) => options.ask(question, end.signal)));
    const isAgain = asked.some(({ host }, index) => answers[index] !== undefined && isToBeTold(hosts.get(host)));
    const said = isAgain ? await options.word().catch(() => undefined) : undefined;
    if (end.signal.aborted) return;
    const before = hosts;
    hosts = new Map();
    for (const [index, { host }] of asked.entries()) {
      const { next, news } = judge(before.get(host), { at, why: answers[index], said });
      hosts.set(host, next);
      if (news !== undefined) onNews({ kind: "pod", pod: record.pod, host, ...news });
    }
  };
  return {
    look: (latest) => {
      const lease = latest.kind === "known" ? latest.state.leases[0] : undefined;
      if (latest.kind === "unknown" || end.signal.aborted) return;
      if (lease === undefined || !isToServe(lease, latest.block.at)) return hosts.clear();
      if (asking !== undefined || clock.monotonic() < nextMs) return;
      nextMs = clock.monotonic() + everyMs;
      asking = round(latest.block.at)
        .catch(() => undefined) // The record was not read now: it is at the next look.
        .finally(() => {
          asking = undefined;
        });
    },
    stop: async () => {
      end.abort();
      await asking;
    },
  };
}

type Told = Pick<PodNews, "isAnswered" | "since" | "why" | "said">;

/** Whether one more question without an answer is one too many. */
function isToBeTold({ told, silentSince }: HostWatch = {}): boolean {
  return silentSince !== undefined && told !== "silent";
}

/** What follows of one question. Of a pod that is being deployed no answer is wanted. */
function judge(
  before: HostWatch = {},
  { at, why, said }: { readonly at: number; readonly why: string | undefined; readonly said: PodWord | undefined },
): { readonly next: HostWatch; readonly news?: Told } {
  const { told, silentSince } = before;
  if (why === undefined) {
    const since = told === "silent" ? (silentSince ?? 0) : 0;
    return { next: { told: "answers" }, ...(told !== "answers" && { news: { isAnswered: true, since } }) };
  }
  if (silentSince === undefined || said?.state === "deploying") return { next: { told, silentSince: at } };
  if (!isToBeTold(before)) return { next: before };
  return { next: { told: "silent", silentSince }, news: { isAnswered: false, since: silentSince, why, said } };
}

function isToServe({ stage, endsAt }: LeaseState, at: number): boolean {
  return stage === "Active" || (stage === "Closing" && at < endsAt);
}

/** A question for each host of the pod that runs: its own path of health where it has one for that port. */
function questionsOf({ sealed, gateway, provider }: LeaseRecord): readonly HostQuestion[] {
  if (gateway === "") return [];
  return readSealedPod(sealed).pod.containers.flatMap(({ ports, health }) =>
    ports.flatMap((port) => {
      if (port.protocol !== "http") return [];
      const isStrict = health?.port === port.port;
      return [{ gateway, host: port.host, path: isStrict ? health.path : "/", isStrict, provider: provider.url }];
    }),
  );
}
