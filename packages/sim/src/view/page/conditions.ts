import { STATES } from "../page-format.ts";
import { make } from "./element.ts";
import { eachAt, nodeName } from "./run.ts";
import type { State } from "./state.ts";

/** Conditions that are told at once; of more they are counted. */
const TOLD_MAX = 4;

/** Says what is wrong at present: nodes that are down, links that are cut. */
export function showConditions(box: HTMLElement, { run, tick }: State): void {
  const told: string[] = [];
  const { nodeStates, linkStates } = run;
  eachAt(nodeStates.from, { ends: nodeStates.to, latest: nodeStates.latest }, tick, (index) => {
    const [state = 0, node = 0] = nodeStates.fields[index] ?? [];
    told.push(`${nodeName(run, node)} is ${STATES[state]}`);
  });
  const links = new Map<string, number>();
  eachAt(linkStates.from, { ends: linkStates.to, latest: linkStates.latest }, tick, (index) => {
    const [state = 0, from = 0, to = 0] = linkStates.fields[index] ?? [];
    const [a, b] = [nodeName(run, from), nodeName(run, to)];
    const both = `${STATES[state]} ${b} ⇄ ${a}`;
    const oneWay = `${STATES[state]} ${b} → ${a}`;
    if (links.delete(oneWay)) links.set(both, 1);
    else links.set(`${STATES[state]} ${a} → ${b}`, 1);
  });
  told.push(...links.keys());
  const text = told.join("|");
  if (box.dataset["told"] === text) return;
  box.dataset["told"] = text;
  const items = told.slice(0, TOLD_MAX).map((one) => make("li", { textContent: one }));
  if (told.length > TOLD_MAX) items.push(make("li", { textContent: `and ${told.length - TOLD_MAX} more` }));
  box.replaceChildren(...items);
}
