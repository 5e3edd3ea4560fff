import { SORTS } from "../page-format.ts";
import { make } from "./element.ts";
import { isFailure } from "./message-layer.ts";
import { flowName, formatMs, labelOf, whereOf } from "./run.ts";
import { currentPlace, flowInLight, type State } from "./state.ts";

/** The list of what happens, of which only what is seen is made. */
export interface EventList {
  /** Draws the rows anew; `follow` brings the present into view. */
  draw(follow: boolean): void;
  /** Brings the selected row into view. */
  reveal(): void;
}

/** Height of a row, in pixels, as the style sheet has it. */
const ROW_PX = 28;

/** Browsers limit the height of an element: a longer list is scrolled in coarser steps. */
const HEIGHT_MAX = 8_000_000;

/** Options of the list. */
export interface EventListOptions {
  readonly state: State;
  readonly box: HTMLElement;
  readonly select: (row: number) => void;
}

/** Makes the list in a box that scrolls. */
export function createEventList({ state, box, select }: EventListOptions): EventList {
  const height = make("div", { className: "height" });
  const rows = make("div", { className: "rows" });
  box.append(height, rows);
  const pool: HTMLElement[] = [];
  const total = () => Math.min(HEIGHT_MAX, state.rows.length * ROW_PX);
  const scale = () =>
    Math.max(1, (state.rows.length * ROW_PX - box.clientHeight) / Math.max(1, total() - box.clientHeight));
  const first = () => Math.floor((box.scrollTop * scale()) / ROW_PX);
  const scrollTo = (place: number, share: number) => {
    box.scrollTop = Math.max(0, (place * ROW_PX - box.clientHeight * share) / scale());
  };
  const paint = () => {
    height.style.height = `${total()}px`;
    const begin = first();
    const seen = Math.ceil(box.clientHeight / ROW_PX) + 1;
    const shift = scale() > 1 ? 0 : begin * ROW_PX - box.scrollTop;
    rows.style.transform = `translateY(${box.scrollTop + shift}px)`;
    const now = currentPlace(state);
    for (let index = 0; index < seen; index++) {
      const place = begin + index;
      let element = pool[index];
      if (element === undefined) {
        element = makeRow();
        rows.append(element);
        pool.push(element);
      }
      fill(element, state, { place, now });
    }
    for (const element of pool.slice(seen)) element.hidden = true;
  };
  box.addEventListener("scroll", paint, { passive: true });
  rows.addEventListener("click", (event) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>(".row")?.dataset["row"];
    if (row !== undefined) select(Number(row));
  });
  return {
    draw(follow) {
      const now = currentPlace(state);
      height.style.height = `${total()}px`;
      if (follow) scrollTo(now, 0.6);
      paint();
    },
    reveal() {
      const place = state.rows.indexOf(state.selected);
      const top = first() * ROW_PX;
      const at = place * ROW_PX;
      if (place >= 0 && (at < top || at > top + box.clientHeight - ROW_PX)) scrollTo(place, 0.4);
      paint();
    },
  };
}

function fill(element: HTMLElement, state: State, { place, now }: { place: number; now: number }): void {
  const row = state.rows[place];
  element.hidden = row === undefined;
  if (row === undefined) return;
  const { run, selected } = state;
  const causes = state.causes.includes(row);
  const flow = flowInLight(state);
  const names = ["row", SORTS[run.sort[row] as number] ?? ""];
  if (run.back[row] === 1) names.push(isFailure(run, row) ? "failed" : "back");
  if ((run.to[row] as number) >= 0) names.push("lost");
  if (place > now) names.push("later");
  if (place === now) names.push("now");
  if (row === selected) names.push("selected");
  if (causes) names.push("cause");
  if (flow !== 0 && run.flow[row] === flow) names.push("lit");
  element.className = names.join(" ");
  if (element.dataset["row"] === String(row)) return;
  element.dataset["row"] = String(row);
  const texts = [
    formatMs(run.tick[row] as number),
    labelOf(run, row),
    whereOf(run, row),
    flowName(run, run.flow[row] as number),
  ];
  for (const [index, cell] of element.querySelectorAll(".time, b, i, .flow").entries())
    cell.textContent = texts[index] ?? "";
}

/** A row with nothing in it yet. */
function makeRow(): HTMLElement {
  const what = make("span", { className: "what" }, make("b"), make("i"));
  return make(
    "button",
    { type: "button", className: "row", tabIndex: -1 },
    make("span", { className: "time" }),
    make("span", { className: "mark" }),
    what,
    make("span", { className: "flow" }),
  );
}
