import { isOrreryError, OrreryError } from "@orrery/core";
import type { Digest } from "../lease/terms.ts";
import { html } from "../page/html.ts";
import type { PageAnswer, PageTurn } from "../page/page-answer.ts";
import type { LeaseRecord } from "../publisher/lease-record.ts";
import { answerCheck, answerFile, answerFiles, answerImport, answerNew } from "./answer-files.ts";
import { answerList, answerListPart, answerWithdraw } from "./answer-list.ts";
import { answerAct, answerAsk, answerLog, answerPod, answerPodPart } from "./answer-pod.ts";
import { answerGo, answerTask, answerTaskPart } from "./answer-tasks.ts";
import { podPage, said } from "./frame-parts.ts";
import type { PageWorld } from "./page-world.ts";

type Answer = (world: PageWorld, turn: PageTurn, word: string) => Promise<PageAnswer>;

/** What answers what: the first that fits. Each has one word of the path at most. */
const ROUTES: readonly (readonly ["GET" | "POST", RegExp, Answer])[] = [
  ["GET", /^\/$/, answerList],
  ["GET", /^\/live$/, answerListPart],
  ["POST", /^\/withdraw$/, (world) => answerWithdraw(world)],
  ["GET", /^\/files$/, (world) => answerFiles(world)],
  ["POST", /^\/files\/new$/, answerNew],
  ["POST", /^\/files\/import$/, answerImport],
  ["POST", /^\/check$/, answerCheck],
  ["GET", /^\/files\/([^/]+)$/, answerFile],
  ["POST", /^\/files\/([^/]+)$/, answerFile],
  ["GET", /^\/tasks\/(\d{1,15})$/, answerTask],
  ["GET", /^\/tasks\/(\d{1,15})\/live$/, answerTaskPart],
  ["POST", /^\/tasks\/(\d{1,15})\/go$/, answerGo],
  ["GET", /^\/pods\/(0x[0-9a-f]{64})$/, ofLease(answerPod)],
  ["GET", /^\/pods\/(0x[0-9a-f]{64})\/live$/, ofLease(answerPodPart)],
  ["GET", /^\/pods\/(0x[0-9a-f]{64})\/log$/, ofLease(answerLog)],
  ["GET", /^\/pods\/(0x[0-9a-f]{64})\/delete$/, ofLease((world, _turn, record) => answerAsk(world, record, "delete"))],
  ["GET", /^\/pods\/(0x[0-9a-f]{64})\/close$/, ofLease((world, _turn, record) => answerAsk(world, record, "close"))],
  ["POST", /^\/pods\/(0x[0-9a-f]{64})\/act$/, ofLease(answerAct)],
];

/** Answers whoever is logged in; what cannot be done is told with a page. */
export async function answerTurn(world: PageWorld, turn: PageTurn): Promise<PageAnswer> {
  try {
    await world.readTime?.();
    for (const [method, path, answer] of ROUTES) {
      const found = method === turn.method ? path.exec(turn.path) : null;
      if (found !== null) return await answer(world, turn, wordOf(found[1] ?? ""));
    }
    throw new OrreryError("not_found", "Cannot find this page");
  } catch (error) {
    if (!isOrreryError(error)) world.onFault?.(error);
    const text = isOrreryError(error) ? error.message : "Cannot do this: see where the page was started";
    const body = html`<main class="narrow"><h1>That did not work</h1>${said(text, "bad")}<p class="acts"><a class="button" href="/">Pods</a><a class="button" href="/files">Pod files</a></p></main>`;
    return podPage({ title: "Not done", at: "pods", account: world.publisher.account, body, status: statusOf(error) });
  }
}

function wordOf(said: string): string {
  try {
    return decodeURIComponent(said);
  } catch {
    throw new OrreryError("not_found", "Cannot find this page: its address is spelled wrong");
  }
}

const STATUSES: Readonly<Record<string, number>> = {
  invalid_argument: 400,
  out_of_range: 400,
  not_found: 404,
  already_exists: 409,
  aborted: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  unavailable: 503,
};

function statusOf(error: unknown): number {
  return isOrreryError(error) ? (STATUSES[error.code] ?? 500) : 500;
}

/** Answers about a lease that this wallet has a record of. */
function ofLease(answer: (world: PageWorld, turn: PageTurn, record: LeaseRecord) => Promise<PageAnswer>): Answer {
  return async (world, turn, word) => {
    const record = (await world.publisher.leases()).find(({ lease }) => lease === (word as Digest));
    if (record !== undefined) return await answer(world, turn, record);
    throw new OrreryError("not_found", `Cannot find lease ${word}: this wallet has no record of it`);
  };
}
