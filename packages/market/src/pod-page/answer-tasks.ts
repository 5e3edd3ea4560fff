import { OrreryError } from "@orrery/core";
import type { PageAnswer, PageTurn } from "../page/page-answer.ts";
import { podPage } from "./frame-parts.ts";
import type { Outcome, PageWorld } from "./page-world.ts";
import { deployTask, updateTask } from "./start-tasks.ts";
import { taskBody, taskSections } from "./task-body.ts";
import type { Task } from "./tasks.ts";

/** How often browsers without scripts load anew what is under way, in seconds. */
const AGAIN_S = 1;

/** The page of something that takes its time. */
export async function answerTask(world: PageWorld, _turn: PageTurn, id: string): Promise<PageAnswer> {
  const task = taskOf(world, id);
  const at = task.back.startsWith("/files") ? "files" : "pods";
  return podPage({
    ...{ title: task.title, at, account: world.publisher.account, body: taskBody(task, world.token) },
    ...(task.state.kind === "going" && { againS: AGAIN_S }),
  });
}

/** What of it changes by itself. */
export async function answerTaskPart(world: PageWorld, _turn: PageTurn, id: string): Promise<PageAnswer> {
  return { kind: "part", body: taskSections(taskOf(world, id), world.token) };
}

/** Begins what somebody was shown a price or a plan of. */
export async function answerGo(world: PageWorld, { form }: PageTurn, id: string): Promise<PageAnswer> {
  const before = taskOf(world, id);
  const isPlan = before.state.kind === "done" && before.state.outcome.kind === "plan";
  return { kind: "redirect", to: isPlan ? updateTask(world, before) : deployTask(world, before, form.text("deposit")) };
}

function taskOf({ tasks }: PageWorld, id: string): Task<Outcome> {
  const task = tasks.find(id);
  if (task !== undefined) return task;
  throw new OrreryError("not_found", "Cannot find this: what came of it is not kept any more, ask for it again");
}
