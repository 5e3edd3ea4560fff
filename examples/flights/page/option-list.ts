import type { Airport } from "../gen/flights/v1/airport_pb.ts";
import { byId, make } from "./element.ts";

/** The airports that a field offers, one of which is marked. */
export interface OptionList {
  readonly isOpen: boolean;
  /** Offers airports, the first marked; none closes the list. */
  show(airports: readonly Airport[]): void;
  /** Marks the next airport or the one before, round and round. */
  move(by: 1 | -1): void;
  marked(): Airport | undefined;
}

/** Makes the list of a field: the element whose id is the field's and `-list`. `pick` gets an airport that is clicked. */
export function createOptionList(input: HTMLInputElement, pick: (airport: Airport) => void): OptionList {
  const list = byId(`${input.id}-list`);
  let offered: readonly Airport[] = [];
  let active = 0;
  const mark = () => {
    for (const [index, option] of [...list.children].entries()) option.ariaSelected = String(index === active);
    if (list.hidden) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${input.id}-${active}`);
  };
  return {
    get isOpen() {
      return !list.hidden;
    },
    show(airports) {
      [offered, active] = [airports, 0];
      const optionAt = (airport: Airport, index: number) =>
        optionOf(airport, { id: `${input.id}-${index}`, pick: () => pick(airport) });
      list.replaceChildren(...airports.map(optionAt));
      list.hidden = airports.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      mark();
    },
    move(by) {
      active = (active + offered.length + by) % offered.length;
      mark();
    },
    marked: () => offered[active],
  };
}

function optionOf(airport: Airport, { id, pick }: { id: string; pick: () => void }): HTMLDivElement {
  const option = make(
    "div",
    { id, role: "option", className: "option" },
    make("span", { className: "code" }, airport.iata),
    make("span", {}, `${airport.city}, ${airport.state}`),
    make("small", {}, airport.name),
  );
  // Before the input loses its focus, which closes the list.
  option.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pick();
  });
  return option;
}
