import { type PageData, SORTS } from "../page-format.ts";
import { showConditions } from "./conditions.ts";
import { showDetails } from "./details.ts";
import { byId, make } from "./element.ts";
import { createEventList } from "./event-list.ts";
import { listenToKeys } from "./keys.ts";
import { readPalette } from "./palette.ts";
import { nextRate, niceRate, playFrame } from "./player.ts";
import { causesOf, firstAbove, flowName, formatMs, nodeName, readRun } from "./run.ts";
import { createScrubber } from "./scrubber.ts";
import { createStage } from "./stage.ts";
import { type Change, createState, currentPlace, filterRows } from "./state.ts";

const run = readRun(JSON.parse(byId("run").textContent ?? "") as PageData);
const state = createState(run);
state.rate = niceRate(state.rate);
let palette = readPalette();
let frame = 0;
let lastFrameMs = 0;
const pending = new Set<Change>();

const stage = createStage(state, byId("still"), byId("moving"));
const scrubber = createScrubber({ state, canvas: byId("time-line"), seek, redraw: () => changed("selection") });
const list = createEventList({ state, box: byId("list"), select: (row) => select(row, true) });
const FAULT = SORTS.indexOf("fault");
const faults = run.tick.filter((_, row) => run.sort[row] === FAULT);

/** Asks for a frame, in which all that has changed is drawn. */
function changed(change: Change): void {
  pending.add(change);
  if (frame === 0) frame = requestAnimationFrame(drawFrame);
}

function drawFrame(nowMs: number): void {
  frame = 0;
  const isPlaying = state.isPlaying;
  if (isPlaying) {
    playFrame(state, lastFrameMs === 0 ? 0 : (nowMs - lastFrameMs) / 1000);
    pending.add("time");
  }
  lastFrameMs = isPlaying ? nowMs : 0;
  if (pending.has("size")) {
    palette = readPalette();
    stage.lay(palette);
    scrubber.forget();
  }
  if (pending.has("filter")) {
    filterRows(state);
    scrubber.forget();
    showFilters();
  }
  stage.draw();
  scrubber.draw(palette);
  list.draw(pending.has("time") || pending.has("filter"));
  if (pending.has("selection"))
    showDetails(byId("details"), state, { select: (row) => select(row, true), follow, close: () => select(-1, false) });
  showTime();
  pending.clear();
  if (state.isPlaying) frame = requestAnimationFrame(drawFrame);
}

function showTime(): void {
  byId("clock").textContent = formatMs(state.tick);
  byId("rate").textContent = `${formatMs(state.rate, 3).replace(/\.?0+$/, "")} ms/s`;
  const button = byId("play");
  button.dataset["playing"] = String(state.isPlaying);
  button.ariaLabel = state.isPlaying ? "Pause" : "Play";
  document.body.dataset["selected"] = String(state.selected);
  showConditions(byId("conditions"), state);
}

function showFilters(): void {
  const chips = [...state.nodes].map((node) => chip(nodeName(run, node), () => toggleNode(node)));
  if (state.flow !== 0) chips.push(chip(`flow ${flowName(run, state.flow)}`, () => follow(0)));
  byId("chips").replaceChildren(...chips);
  byId("count").textContent = `${state.rows.length.toLocaleString("en")} of ${run.count.toLocaleString("en")}`;
}

function chip(text: string, remove: () => void): HTMLElement {
  const button = make("button", {
    type: "button",
    className: "chip",
    textContent: `${text} ×`,
    ariaLabel: `Remove ${text}`,
  });
  button.addEventListener("click", remove);
  return button;
}

function seek(tick: number): void {
  state.tick = Math.max(0, Math.min(run.endTick, tick));
  changed("time");
}

/** Selects a row, and goes to where it is to be seen: a message amid its way, where the present is not on it already. */
function select(row: number, isToBeSeen: boolean): void {
  state.selected = row;
  state.causes = row < 0 ? [] : causesOf(run, row);
  if (row >= 0 && isToBeSeen) {
    const [sent, tick] = [run.sent[row] as number, run.tick[row] as number];
    state.isPlaying = false;
    state.tick = tick;
    if (sent < tick) state.tick = sent + (tick - sent) * 0.6;
  }
  changed("selection");
  if (row >= 0) requestAnimationFrame(() => list.reveal());
}

function follow(flow: number): void {
  state.flow = flow;
  changed("filter");
  changed("selection");
}

function toggleNode(node: number): void {
  if (!state.nodes.delete(node)) state.nodes.add(node);
  changed("filter");
}

function toggle(): void {
  if (!state.isPlaying && state.tick >= run.endTick) state.tick = 0;
  state.isPlaying = !state.isPlaying;
  changed("time");
}

function step(direction: 1 | -1): void {
  state.isPlaying = false;
  const from = state.selected >= 0 ? state.rows.indexOf(state.selected) : -1;
  const place = from >= 0 ? from + direction : currentPlace(state) + (direction > 0 ? 1 : 0);
  const row = state.rows[Math.max(0, Math.min(state.rows.length - 1, place))];
  if (row !== undefined) select(row, true);
}

function stepFault(direction: 1 | -1): void {
  state.isPlaying = false;
  const at = direction > 0 ? firstAbove(faults, state.tick) : firstAbove(faults, state.tick - 1) - 1;
  const tick = faults[at];
  if (tick !== undefined) seek(tick);
}

function stepCause(): void {
  const [cause] = state.causes;
  if (cause !== undefined) select(cause, true);
}

function faster(direction: 1 | -1): void {
  state.rate = nextRate(state.rate, direction);
  changed("selection");
}

function listenToStage(): void {
  const moving = byId<HTMLCanvasElement>("moving");
  const at = (event: MouseEvent): readonly [number, number] => {
    const { left, top } = moving.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  moving.addEventListener("click", (event) => {
    const row = stage.messageAt(...at(event));
    const node = stage.nodeAt(...at(event));
    if (row >= 0) {
      state.isPlaying = false;
      select(row, false);
    } else if (node >= 0) toggleNode(node);
    else select(-1, false);
  });
  moving.addEventListener("pointermove", (event) => {
    const isOver = stage.messageAt(...at(event)) >= 0 || stage.nodeAt(...at(event)) >= 0;
    moving.style.cursor = isOver ? "pointer" : "default";
  });
}

function listenToFilters(): void {
  const search = byId<HTMLInputElement>("search");
  search.addEventListener("input", () => {
    state.search = search.value;
    changed("filter");
  });
  const box = byId("sorts");
  for (const [index, sort] of SORTS.entries()) {
    const count = run.sort.reduce((sum, one) => sum + (one === index ? 1 : 0), 0);
    if (count === 0) continue;
    const button = make("button", {
      type: "button",
      className: `sort ${sort}`,
      textContent: `${sort}s`.replace("controls", "control"),
    });
    button.title = `${count.toLocaleString("en")} of them`;
    button.ariaPressed = String(state.sorts.has(index));
    button.addEventListener("click", () => {
      if (!state.sorts.delete(index)) state.sorts.add(index);
      button.ariaPressed = String(state.sorts.has(index));
      changed("filter");
    });
    box.append(button);
  }
}

function listen(): void {
  listenToStage();
  listenToFilters();
  byId("play").addEventListener("click", toggle);
  byId("slower").addEventListener("click", () => faster(-1));
  byId("faster").addEventListener("click", () => faster(1));
  const quiet = byId("quiet");
  quiet.addEventListener("click", () => {
    state.skipsQuiet = !state.skipsQuiet;
    quiet.ariaPressed = String(state.skipsQuiet);
  });
  const help = byId<HTMLDialogElement>("help");
  const showHelp = () => (help.open ? help.close() : help.showModal());
  byId("show-help").addEventListener("click", showHelp);
  listenToKeys({
    toggle,
    step,
    stepFault,
    stepCause,
    faster,
    goTo: (end) => seek(end === "begin" ? 0 : run.endTick),
    search: () => byId("search").focus(),
    clear: () => select(-1, false),
    help: showHelp,
  });
  new ResizeObserver(() => changed("size")).observe(byId("plane"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => changed("size"));
}

function describeRun(): void {
  const { scenario, seed, hash, nodes } = run.data;
  byId("scenario").textContent = scenario === "" ? "A run" : scenario;
  document.body.style.setProperty("--time-width", `${formatMs(run.endTick).length * 7 + 6}px`);
  byId("facts").textContent = `seed ${seed} · ${nodes.length} nodes · ${formatMs(run.endTick, 0)} ms · ${hash}`;
}

/** A page may be opened at a time: `#t=503.4`. */
function readAddress(): void {
  const ms = /[#&]t=([\d.]+)/.exec(location.hash)?.[1];
  if (ms !== undefined) state.tick = Math.min(run.endTick, Number(ms) * 1000);
}

describeRun();
readAddress();
listen();
changed("size");
changed("filter");
changed("time");
// The frame after the first says when that was on the screen, in ms since the page was asked for.
requestAnimationFrame(() =>
  requestAnimationFrame((nowMs) => {
    document.body.dataset["drawnMs"] = String(Math.round(nowMs));
  }),
);
