import { type FollowerNews, type LeaseNews, type PodNews, printAmount, type TokenFacts } from "@orrery/market";
import { timeText } from "../lease-words.ts";

type LeaseLook = Extract<LeaseNews, { kind: "lease" }>;

/** What happens to a lease, for people: a line for each thing. */
export function newsLines(news: LeaseNews, token: TokenFacts): readonly string[] {
  switch (news.kind) {
    case "lease":
      return lookLines(news, token);
    case "vouched": {
      const { total } = news.voucher;
      return [`voucher: the provider has one of ${printAmount(total, token)} in all`];
    }
    case "sent":
      return [sentLine(news, token)];
    case "refused":
      return [`${REFUSED[news.what]}: ${news.why}`];
    case "again":
      return ["provider: it answers again, and nothing of it is refused"];
    case "dark":
      return [`dark: nothing proves service since ${timeText(news.since * 1_000)}`];
    case "false-claim": {
      const [asks, agreed] = [printAmount(news.proposed, token), printAmount(news.agreed, token)];
      return [`false claim: the provider asks for ${asks}, and its own ledger comes to ${agreed}`];
    }
    case "pod":
      return podLines(news);
    case "chain":
      return [news.why === undefined ? "chain: it is known again" : `chain: nothing is known of it: ${news.why}`];
    default:
      return [`failed: ${messageOf(news.error)}`];
  }
}

/** The same for programs. Amounts are base units. */
export function newsFacts(news: LeaseNews): object {
  if (news.kind === "failed") return { event: news.kind, message: messageOf(news.error) };
  if (news.kind === "lease") return { event: news.kind, ...news.state };
  if (news.kind === "vouched") return { event: news.kind, total: news.voucher.total, upTo: news.voucher.upTo };
  if (news.kind === "sent") {
    const { call, sent } = news;
    return {
      event: news.kind,
      call: call.kind,
      ...("amount" in call && { amount: call.amount }),
      ...sent,
      kind: undefined,
      end: sent.kind,
    };
  }
  const { kind, ...rest } = news;
  return { event: kind, ...rest };
}

const REFUSED: Readonly<Record<Extract<FollowerNews, { kind: "refused" }>["what"], string>> = {
  lines: "provider: its ledger is not agreed to",
  beat: "provider: it shows no proof of service",
  vouch: "provider: it takes no voucher",
};

function lookLines({ state, before }: LeaseLook, token: TokenFacts): readonly string[] {
  const { stage, deposit, paid, answerBy, proposed, endsAt, settlesAt } = state;
  const amount = (units: bigint) => printAmount(units, token);
  const isOver = stage === "Settled";
  const end = endsAt === 0 || isOver ? "" : `, service ends at ${timeText(endsAt * 1_000)}`;
  if (before === undefined) return [`lease: ${stage}, deposit ${amount(deposit)}, paid ${amount(paid)}${end}`];
  const until = settlesAt === 0 || isOver ? "" : `${end}, settles at ${timeText(settlesAt * 1_000)}`;
  return [
    ...(stage === before.stage ? [] : [`lease: ${before.stage} is now ${stage}${until}`]),
    ...(deposit === before.deposit || isOver ? [] : [`deposit: it is ${amount(deposit)} now`]),
    ...(paid > before.paid ? [`paid: the provider has ${amount(paid)} in all`] : []),
    ...(proposed > before.proposed ? [`claim: the provider asks for ${amount(proposed)} in all`] : []),
    ...(answerBy > before.answerBy
      ? [`challenged: the provider has until ${timeText(answerBy * 1_000)} to answer`]
      : []),
    ...(answerBy === 0 && before.answerBy !== 0 && (stage === "Active" || stage === "Closing")
      ? ["challenged: the provider answered, and has the bond"]
      : []),
  ];
}

/** How the pod is from outside. What is wrong with it is said with what to do: of a lease that has its beats nothing is done by itself. */
function podLines({ pod, host, isAnswered, since, why, said }: PodNews): readonly string[] {
  const at = timeText(since * 1_000);
  if (isAnswered) return [`pod: ${host} answers${since === 0 ? "" : ` again; it had not since ${at}`}`];
  const word =
    said === undefined
      ? "and its provider is not reached"
      : said.isHealthy
        ? "though its provider says that it is well"
        : `and its provider says that it is ${said.state === "running" ? "not well" : said.state}`;
  const look = `see orrery pod events ${pod} and orrery pod logs ${pod}`;
  return [
    `pod: ${host} has not answered since ${at}, ${word}: ${why}`,
    said === undefined
      ? `pod: a provider that stays silent is challenged; orrery lease status ${pod} shows how the lease stands`
      : `pod: ${look}; orrery pod restart ${pod} starts it anew, orrery pod delete ${pod} ends it and its lease. This alone is no reason to challenge`,
  ];
}

const DID: Readonly<Record<string, string>> = {
  challenge: "challenged the provider",
  fail: "told the chain that the challenge was not answered",
  settle: "settled the lease",
  close: "gave notice",
  cancel: "took the lease back",
};

function sentLine({ call, sent }: Extract<FollowerNews, { kind: "sent" }>, token: TokenFacts): string {
  const did = call.kind === "fund" ? `put ${printAmount(call.amount, token)} in` : (DID[call.kind] ?? call.kind);
  return sent.kind === "mined" ? `you: ${did}` : `you: not done yet: ${sent.message}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
