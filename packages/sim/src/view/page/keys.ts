/** What keys do. */
export interface KeyActions {
  readonly toggle: () => void;
  /** Goes to the next row that is shown, or the one before. */
  readonly step: (direction: 1 | -1) => void;
  readonly stepFault: (direction: 1 | -1) => void;
  readonly stepCause: (direction: 1 | -1) => void;
  readonly faster: (direction: 1 | -1) => void;
  readonly goTo: (end: "begin" | "end") => void;
  readonly search: () => void;
  readonly clear: () => void;
  readonly help: () => void;
}

/** Listens to the keyboard, but not where somebody writes. */
export function listenToKeys(actions: KeyActions): void {
  const keys: Readonly<Record<string, () => void>> = {
    " ": actions.toggle,
    k: actions.toggle,
    ArrowRight: () => actions.step(1),
    ArrowDown: () => actions.step(1),
    ArrowLeft: () => actions.step(-1),
    ArrowUp: () => actions.step(-1),
    f: () => actions.stepFault(1),
    F: () => actions.stepFault(-1),
    c: () => actions.stepCause(1),
    "+": () => actions.faster(1),
    "=": () => actions.faster(1),
    "-": () => actions.faster(-1),
    Home: () => actions.goTo("begin"),
    End: () => actions.goTo("end"),
    "/": actions.search,
    "?": actions.help,
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      (document.activeElement as HTMLElement | null)?.blur();
      actions.clear();
      return;
    }
    const target = event.target as HTMLElement;
    const isWriting = target.tagName === "INPUT";
    const isPress = target.tagName === "BUTTON" && event.key === " ";
    const act = keys[event.key];
    if (act === undefined || isWriting || isPress || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
}
