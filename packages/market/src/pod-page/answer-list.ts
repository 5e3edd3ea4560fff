import type { PageAnswer, PageTurn } from "../page/page-answer.ts";
import { podPage } from "./frame-parts.ts";
import { POD_PAGE_SHOWN_MAX } from "./limits.ts";
import { type ListView, listBody, listSections } from "./list-body.ts";
import { lookAtPods, readBalances } from "./look-at-pods.ts";
import type { PageWorld } from "./page-world.ts";
import { withdrawTask } from "./start-tasks.ts";

/** The first page. */
export async function answerList(world: PageWorld, { query }: PageTurn): Promise<PageAnswer> {
  const body = listBody(await viewOf(world), saidBy(world, query));
  return podPage({ title: "", at: "pods", account: world.publisher.account, body });
}

/** Begins to bring what the contract holds to the wallet. */
export async function answerWithdraw(world: PageWorld): Promise<PageAnswer> {
  return { kind: "redirect", to: withdrawTask(world) };
}

/** What of it changes by itself. */
export async function answerListPart(world: PageWorld): Promise<PageAnswer> {
  return { kind: "part", body: listSections(await viewOf(world)) };
}

/** What came of the task that led to a page; empty where none did. */
export function saidBy({ tasks }: PageWorld, query: URLSearchParams): string {
  const state = tasks.find(query.get("task") ?? "")?.state;
  return state?.kind === "done" && state.outcome.kind === "said" ? state.outcome.text : "";
}

async function viewOf(world: PageWorld): Promise<ListView> {
  const records = await world.publisher.leases();
  const [sights, balances] = await Promise.all([
    lookAtPods(
      world,
      records.filter(({ step }) => step !== "ended"),
    ),
    readBalances(world),
  ]);
  const over = records
    .filter(({ step }) => step === "ended")
    .slice(-POD_PAGE_SHOWN_MAX)
    .toReversed();
  return { sights, balances, over, tasks: world.tasks.going(), token: world.token, nowMs: world.clock.now() };
}
