import type { Airport } from "../gen/flights/v1/airport_pb.ts";
import { byId, make } from "./element.ts";

/** A field in which an airport is chosen by typing. */
export interface AirportBox {
  /** Code of the chosen airport, or what was typed when none was chosen. */
  code(): string;
  choose(airport: Airport): void;
  /** Swaps what two fields hold. */
  swapWith(other: AirportBox): void;
  chosen(): Airport | undefined;
  clear(): void;
}

/** Time to wait for the next key before asking. */
const PAUSE_MS = 120;

/**
 * Makes a combo box of an input and its list (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/): arrows move, Enter
 * chooses, Escape closes. An answer that comes after a later question is dropped.
 */
export function createAirportBox(id: string, search: (query: string) => Promise<readonly Airport[]>): AirportBox {
  const input = byId<HTMLInputElement>(id);
  const list = byId(`${id}-list`);
  let found: readonly Airport[] = [];
  let chosen: Airport | undefined;
  let active = 0;
  let asked = 0;

  const show = (airports: readonly Airport[]) => {
    found = airports;
    active = 0;
    list.replaceChildren(
      ...airports.map((airport, index) => optionOf(airport, { id: `${id}-${index}`, pick: () => choose(airport) })),
    );
    list.hidden = airports.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark();
  };
  const mark = () => {
    for (const [index, option] of [...list.children].entries()) option.ariaSelected = String(index === active);
    if (list.hidden) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${id}-${active}`);
  };
  const choose = (airport: Airport) => {
    asked++;
    chosen = airport;
    input.value = labelOf(airport);
    show([]);
  };
  const clear = () => {
    chosen = undefined;
    input.value = "";
  };
  const ask = () => {
    chosen = undefined;
    const question = ++asked;
    const query = input.value.trim();
    if (query === "") return show([]);
    setTimeout(async () => {
      if (question !== asked) return;
      const airports = await search(query).catch(() => []);
      if (question === asked && document.activeElement === input) show(airports);
    }, PAUSE_MS);
  };

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.addEventListener("input", ask);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    asked++;
    show([]);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const airport = found[active];
    if (event.key === "ArrowDown") active = (active + 1) % found.length;
    else if (event.key === "ArrowUp") active = (active + found.length - 1) % found.length;
    else if (event.key === "Enter" && airport !== undefined) choose(airport);
    else if (event.key === "Escape") show([]);
    else return;
    event.preventDefault();
    mark();
  });
  return {
    code: () => chosen?.iata ?? input.value.trim(),
    choose,
    clear,
    chosen: () => chosen,
    swapWith(other) {
      const [mine, theirs] = [chosen, other.chosen()];
      mine === undefined ? other.clear() : other.choose(mine);
      theirs === undefined ? clear() : choose(theirs);
    },
  };
}

function optionOf(airport: Airport, { id, pick }: { id: string; pick: () => void }): HTMLDivElement {
  const place = `${airport.city}, ${airport.state}`;
  const option = make(
    "div",
    { id, role: "option", className: "option" },
    make("span", { className: "code" }, airport.iata),
    make("span", {}, place),
    make("small", {}, airport.name),
  );
  // Before the input loses its focus, which closes the list.
  option.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pick();
  });
  return option;
}

/** How an airport is written in a field: "Seattle (SEA)". */
export function labelOf({ city, iata }: Airport): string {
  return `${city} (${iata})`;
}
