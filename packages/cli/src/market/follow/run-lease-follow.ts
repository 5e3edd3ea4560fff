import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  amountsJson,
  depositFor,
  type FollowerRecord,
  type LeaseFollower,
  type LeaseNews,
  type LeaseRecord,
  openRecordFile,
  printAmount,
  readQuote,
  type TopUp,
} from "@orrery/market";
import { lockFolder } from "@orrery/mesh/supervise";
import { EXIT, typed, usageError } from "../../command-error.ts";
import { typedAmount } from "../amounts.ts";
import { leaseOf, timeText } from "../lease-words.ts";
import { CHALLENGES_MAX, FOLLOW_BENCH_MS } from "../limits.ts";
import { type MarketContext, marketCommand } from "../open-market.ts";
import { parseSeconds } from "../parse-seconds.ts";
import { newsFacts, newsLines } from "./news-text.ts";

/** Follows a lease in the foreground: agrees, signs vouchers, puts money in, challenges. Ends where the lease is over, or somebody ends it. */
export const run = marketCommand(async (context) => {
  const { publisher, terminal, market, token } = context;
  const record = await leaseOf(context);
  const { topUp, challengesMax, askMs } = wishOf(context, record);
  const folder = join(context.records, "follow", record.lease);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  using _lock = await typed(() => lockFolder(folder, { purpose: "follow", refusal: (pid) => refusalOf(record, pid) }));
  const [asked, forced] = [new AbortController(), Promise.withResolvers<"forced">()];
  const release = terminal.onInterrupt(() => {
    if (asked.signal.aborted) forced.resolve("forced");
    asked.abort();
  });
  const tell = tellerOf(context);
  await tell([`Following lease ${record.lease} of pod ${record.pod} at ${record.provider.url}`], {
    ...{ event: "following", lease: record.lease, pod: record.pod, provider: record.provider },
  });
  const pace = await openPace(context);
  const follower = await typed(() =>
    publisher.follow(record, {
      ...{ topUp, challengesMax, askMs, store: openRecordFile<FollowerRecord>(join(folder, "record.json")) },
      clock: pace.clock,
      ...(market.bench !== undefined && { periodMs: FOLLOW_BENCH_MS }),
      onNews: (news: LeaseNews) => void tell(newsLines(news, token), newsFacts(news)),
    }),
  );
  if (!context.isJson) terminal.say("Ctrl-C ends the following, and nothing else");
  const gone = new Promise<"asked">((resolve) => asked.signal.addEventListener("abort", () => resolve("asked")));
  const why = asked.signal.aborted ? "asked" : await Promise.race([follower.ended.then(() => "over" as const), gone]);
  const stopped = await Promise.race([follower.stop().then(pace.release), forced.promise]);
  release();
  if (stopped === "forced") return EXIT.failed;
  await (why === "over" ? tellOver(context, record) : tellStopped(follower, tell, context));
  return EXIT.done;
});

type Tell = (lines: readonly string[], facts: object) => Promise<void>;

/** Writes lines with the time of the market in front, or the same as a line of JSON. */
function tellerOf({ terminal, isJson, clock }: MarketContext): Tell {
  return async (lines, facts) => {
    const at = timeText(Math.floor(clock.now() / 1_000) * 1_000);
    if (isJson) return void (await terminal.write(`${amountsJson({ at, ...facts })}\n`));
    for (const line of lines) await terminal.write(`${at} ${line}\n`);
  };
}

/** What money is put in, how many challenges are made and how often the pod is asked, as flags say it. @throws CommandError */
function wishOf({ input, token }: MarketContext, record: LeaseRecord) {
  const challenges = input.text("challenges");
  if (challenges !== undefined && (!/^\d{1,4}$/.test(challenges) || Number(challenges) > CHALLENGES_MAX))
    throw usageError(`Cannot read flag --challenges: "${challenges}" is no count from 0 to ${CHALLENGES_MAX}`);
  const probe = input.text("probe") ?? "1m";
  const allowance = input.text("allowance");
  if (allowance === undefined && input.text("top-up") !== undefined)
    throw usageError("Cannot put money in without a bound: say how much in all by --allowance");
  return {
    challengesMax: challenges === undefined ? undefined : Number(challenges),
    askMs: probe === "off" ? 0 : parseSeconds(probe, "probe") * 1_000,
    topUp: allowance === undefined ? undefined : topUpOf(typedAmount(allowance, token)),
  };

  function topUpOf(most: bigint): TopUp {
    const { terms } = readQuote(record.quote);
    const ofDay = depositFor({ terms }, 86_400);
    const said = input.text("top-up");
    const amount = said === undefined ? (ofDay < most ? ofDay : most) : typedAmount(said, token);
    if (amount === 0n || amount > most)
      throw usageError(
        `Cannot put in ${printAmount(amount, token)} each time: write more than 0 and no more than --allowance, ${printAmount(most, token)}`,
      );
    return { most, amount, belowS: parseSeconds(input.text("below") ?? "1h", "below") };
  }
}

/** Paces looks. Of a bench the clock stands while one looks: chain and provider are of one time then, and what is late is not taken for dark. */
async function openPace({ clock, holdTime }: MarketContext) {
  const none = async () => undefined;
  const hold = () => holdTime().catch(() => none); // A bench that is gone has a chain that is not known.
  let free: () => Promise<void> = await hold();
  const release = () => free().catch(() => undefined);
  return {
    release,
    clock: {
      monotonic: () => clock.monotonic(),
      sleep: async (delayMs: number, signal?: AbortSignal) => {
        await release();
        await clock.sleep(delayMs, signal).catch(() => undefined);
        free = await hold();
      },
    },
  };
}

/** Says that a lease is over, and has what comes back leave the contract. */
async function tellOver(context: MarketContext, record: LeaseRecord): Promise<void> {
  const { publisher, token, input } = context;
  await publisher.look([record]);
  const back = input.has("keep") ? 0n : await publisher.withdraw();
  const how = back > 0n ? `: ${printAmount(back, token)} came back to the wallet` : "";
  await tellerOf(context)([`The lease is over${how}`], { event: "over", withdrawn: back });
}

async function tellStopped(follower: LeaseFollower, tell: Tell, { token }: MarketContext): Promise<void> {
  const total = follower.voucher()?.total ?? 0n;
  await tell([`Stopped; vouchers come to ${printAmount(total, token)}`], { event: "stopped", total });
}

function refusalOf({ lease }: LeaseRecord, pid: number | undefined): string {
  const whose = pid === undefined ? "" : `, process ${pid}`;
  return `Cannot follow lease ${lease}: it is followed already${whose}, end that first`;
}
