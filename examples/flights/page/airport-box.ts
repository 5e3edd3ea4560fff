import type { Airport } from "../gen/flights/v1/airport_pb.ts";
import { byId } from "./element.ts";
import { createOptionList, type OptionList } from "./option-list.ts";

/** A field in which an airport is chosen by typing. */
export interface AirportBox {
  /** Code of the chosen airport, or what was typed when none was chosen. */
  code(): string;
  chosen(): Airport | undefined;
  choose(airport: Airport): void;
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
  let chosen: Airport | undefined;
  let asked = 0;
  const choose = (airport: Airport) => {
    asked++;
    chosen = airport;
    input.value = `${airport.city} (${airport.iata})`;
    list.show([]);
  };
  const list = createOptionList(input, choose);
  const ask = () => {
    chosen = undefined;
    const question = ++asked;
    const query = input.value.trim();
    if (query === "") return list.show([]);
    setTimeout(async () => {
      if (question !== asked) return;
      const airports = await search(query).catch(() => []);
      if (question === asked && document.activeElement === input) list.show(airports);
    }, PAUSE_MS);
  };
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", `${id}-list`);
  input.addEventListener("input", ask);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    asked++;
    list.show([]);
  });
  input.addEventListener("keydown", (event) => {
    if (list.isOpen && obey(event.key, list, choose)) event.preventDefault();
  });
  return {
    code: () => chosen?.iata ?? input.value.trim(),
    chosen: () => chosen,
    choose,
    clear() {
      chosen = undefined;
      input.value = "";
    },
  };
}

/** Swaps what two fields hold. */
export function swap(one: AirportBox, other: AirportBox): void {
  const [first, second] = [one.chosen(), other.chosen()];
  first === undefined ? other.clear() : other.choose(first);
  second === undefined ? one.clear() : one.choose(second);
}

/** Does what a key means to an open list; gives false for a key that means nothing to it. */
function obey(key: string, list: OptionList, choose: (airport: Airport) => void): boolean {
  const marked = list.marked();
  if (key === "ArrowDown") list.move(1);
  else if (key === "ArrowUp") list.move(-1);
  else if (key === "Enter" && marked !== undefined) choose(marked);
  else if (key === "Escape") list.show([]);
  else return false;
  return true;
}
