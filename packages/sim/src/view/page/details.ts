import { make } from "./element.ts";
import { flowName, formatMs, labelOf, type Run, whereOf } from "./run.ts";
import type { State } from "./state.ts";

/** What is done from the panel. */
export interface DetailsActions {
  readonly select: (row: number) => void;
  readonly follow: (flow: number) => void;
  readonly close: () => void;
}

/** Causes that are listed; those before them are counted. */
const CAUSES_MAX = 200;

/** Shows what is selected, and what led to it. */
export function showDetails(panel: HTMLElement, state: State, actions: DetailsActions): void {
  const { run, selected, causes } = state;
  panel.hidden = selected < 0;
  if (selected < 0) return;
  const close = make("button", { type: "button", className: "close", ariaLabel: "Close", textContent: "×" });
  close.addEventListener("click", actions.close);
  const list = make("ol", { className: "causes" });
  let later = run.tick[selected] as number;
  for (const row of causes.slice(0, CAUSES_MAX)) {
    const tick = run.tick[row] as number;
    list.append(causeItem(run, { row, before: later - tick }, actions));
    later = tick;
  }
  const left = causes.length - CAUSES_MAX;
  if (left > 0) list.append(make("li", { className: "more", textContent: `and ${left} before` }));
  const heading = causes.length === 0 ? "Nothing in the run led to it" : `What led to it: ${causes.length}`;
  panel.replaceChildren(
    make(
      "header",
      {},
      make("h2", { textContent: labelOf(run, selected) }),
      make("p", { textContent: whereOf(run, selected) }),
      close,
    ),
    factsOf(state, actions),
    make("h3", { textContent: heading }),
    list,
  );
}

function causeItem(
  run: Run,
  { row, before }: { row: number; before: number },
  { select }: DetailsActions,
): HTMLElement {
  const button = make(
    "button",
    { type: "button" },
    make("span", { className: "time", textContent: `−${formatMs(before)}` }),
    make(
      "span",
      { className: "what" },
      make("b", { textContent: labelOf(run, row) }),
      make("i", { textContent: whereOf(run, row) }),
    ),
  );
  button.addEventListener("click", () => select(row));
  return make("li", {}, button);
}

function factsOf({ run, selected, flow }: State, { follow }: DetailsActions): HTMLElement {
  const list = make("dl");
  const add = (name: string, value: string | Node) =>
    list.append(make("div", {}, make("dt", { textContent: name }), make("dd", {}, value)));
  const [tick, sent] = [run.tick[selected] as number, run.sent[selected] as number];
  const isMessage = (run.from[selected] as number) >= 0;
  if (isMessage) add("sent", `${formatMs(sent)} ms`);
  add(isMessage ? "arrived" : "at", `${formatMs(tick)} ms`);
  if (isMessage) add("under way", `${formatMs(tick - sent)} ms`);
  const size = run.data.rows.size[selected] ?? 0;
  if (size > 0) add("carries", `${size} bytes`);
  const message = run.message[selected] as number;
  if (message >= 0) {
    const outcome = run.data.texts[run.data.messages.outcome[message] ?? 0] ?? "";
    const took = run.data.messages.took[message] ?? -1;
    add("its sender got", outcome === "" ? "nothing yet" : `${outcome}, after ${formatMs(took)} ms`);
  }
  const own = run.flow[selected] as number;
  if (own !== 0) {
    const button = make("button", { type: "button", className: "chip", textContent: flowName(run, own) });
    button.title = own === flow ? "Show all flows" : "Show this flow alone";
    button.ariaPressed = String(own === flow);
    button.addEventListener("click", () => follow(own === flow ? 0 : own));
    add("flow", button);
  }
  return list;
}
