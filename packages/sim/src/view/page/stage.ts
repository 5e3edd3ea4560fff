import { STATES } from "../page-format.ts";
import { drawDial, drawHand } from "./dial.ts";
import { fitCanvas } from "./element.ts";
import { type Curve, curveBetween, type Layout, layOut, pointOf, type Spot } from "./layout.ts";
import { drawChain, drawMessages, type MessageScene, messageAt } from "./message-layer.ts";
import type { Palette } from "./palette.ts";
import { createPlanets, type Planets } from "./planets.ts";
import { eachAt, firstAbove, nodeName, type Run } from "./run.ts";
import type { State } from "./state.ts";

/** The plane with nodes and messages. */
export interface Stage {
  /** Draws all anew: another size, or other colours. */
  lay(palette: Palette): void;
  draw(): void;
  /** The row of the message at a point, or -1. */
  messageAt(x: number, y: number): number;
  /** The node at a point, or -1. */
  nodeAt(x: number, y: number): number;
}

/** Lines between nodes that are drawn; of more pairs, those that spoke most. */
const LINES_MAX = 1500;

/** Seconds of the reader's for which what has happened is still seen. */
const AFTERGLOW_S = 0.6;

/** Makes the plane on two canvases: one that stands still, one that moves. */
export function createStage(state: State, still: HTMLCanvasElement, moving: HTMLCanvasElement): Stage {
  return new Plane(state, still, moving);
}

class Plane implements Stage {
  readonly #state: State;
  readonly #still: HTMLCanvasElement;
  readonly #moving: HTMLCanvasElement;
  readonly #pairs: readonly (readonly [number, number])[];
  readonly #faults: Float64Array;
  readonly #curves = new Map<number, Curve>();
  #layout: Layout = { spots: [], orbits: [], dial: { x: 0, y: 0, rx: 0, ry: 0, name: "", side: 0 } };
  #palette: Palette | undefined;
  #planets: Planets | undefined;
  #size = { width: 0, height: 0 };

  constructor(state: State, still: HTMLCanvasElement, moving: HTMLCanvasElement) {
    this.#state = state;
    this.#still = still;
    this.#moving = moving;
    this.#pairs = pairsOf(state.run);
    this.#faults = faultsOf(state.run);
  }

  lay(palette: Palette): void {
    const { pen, width, height } = fitCanvas(this.#still);
    this.#size = { width, height };
    this.#palette = palette;
    this.#planets = createPlanets(palette);
    this.#curves.clear();
    this.#layout = layOut(this.#state.run.data.nodes, this.#size);
    pen.clearRect(0, 0, width, height);
    drawDial(pen, this.#layout.dial, palette);
    this.#drawLines(pen, palette);
    this.#drawOrbits(pen, palette);
  }

  draw(): void {
    const palette = this.#palette;
    if (palette === undefined) return;
    const { pen, width, height } = fitCanvas(this.#moving);
    const { run, tick } = this.#state;
    pen.clearRect(0, 0, width, height);
    const share = Math.min(1, tick / run.endTick);
    drawHand(pen, this.#layout.dial, { share, faults: this.#faults, palette });
    this.#drawLinkStates(pen, palette);
    drawChain(pen, this.#scene(palette));
    this.#drawNodes(pen, palette);
    drawMessages(pen, this.#scene(palette));
    this.#drawPoints(pen, palette);
  }

  messageAt(x: number, y: number): number {
    return this.#palette === undefined ? -1 : messageAt(this.#scene(this.#palette), x, y);
  }

  nodeAt(x: number, y: number): number {
    return this.#layout.spots.findIndex((spot) => Math.hypot(spot.x - x, spot.y - y) < spot.radius + 8);
  }

  #scene(palette: Palette): MessageScene {
    return { state: this.#state, palette, curve: (from, to) => this.#curve(from, to), ...this.#size };
  }

  #curve(from: number, to: number): Curve {
    const key = from * 65_536 + to;
    let curve = this.#curves.get(key);
    if (curve === undefined) {
      const nowhere: Spot = { x: 0, y: 0, radius: 0, side: 0 };
      curve = curveBetween(this.#layout.spots[from] ?? nowhere, this.#layout.spots[to] ?? nowhere);
      this.#curves.set(key, curve);
    }
    return curve;
  }

  #drawOrbits(pen: CanvasRenderingContext2D, { line, faint, halo, font }: Palette): void {
    for (const { x, y, rx, ry, name, side } of this.#layout.orbits) {
      pen.strokeStyle = line;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
      pen.stroke();
      if (name === "") continue;
      pen.font = `500 11px ${font}`;
      pen.fillStyle = faint;
      pen.strokeStyle = halo;
      pen.lineWidth = 4;
      const text = name.toUpperCase().split("").join("\u200a");
      const wide = pen.measureText(text).width;
      const [dx, dy] = side === undefined ? [0, 0] : [Math.cos(side), Math.sin(side)];
      const [atX, atY] = [x + (rx + 10 + wide / 2) * dx, y + (ry + 14) * dy + 4];
      const isOutside = atX - wide / 2 < 4 || atX + wide / 2 > this.#size.width - 4;
      const place = side === undefined || isOutside ? ([x, y + 4] as const) : ([atX, atY] as const);
      pen.textAlign = "center";
      pen.strokeText(text, ...place);
      pen.fillText(text, ...place);
    }
  }

  #drawLines(pen: CanvasRenderingContext2D, { line }: Palette): void {
    pen.strokeStyle = line;
    pen.lineWidth = 1;
    pen.globalAlpha = Math.max(0.25, Math.min(1, 60 / this.#pairs.length));
    for (const [from, to] of this.#pairs) strokeCurve(pen, this.#curve(from, to));
    pen.globalAlpha = 1;
  }

  #drawLinkStates(pen: CanvasRenderingContext2D, { fault, warn }: Palette): void {
    const { run, tick } = this.#state;
    const { linkStates } = run;
    pen.lineWidth = 1.6;
    eachAt(linkStates.from, { ends: linkStates.to, latest: linkStates.latest }, tick, (index) => {
      const [state = 0, from = 0, to = 0] = linkStates.fields[index] ?? [];
      const isCut = STATES[state] === "cut";
      pen.strokeStyle = isCut ? fault : warn;
      pen.setLineDash(isCut ? [5, 6] : [2, 5]);
      const curve = this.#curve(from, to);
      strokeCurve(pen, curve);
      if (isCut) drawCross(pen, pointOf(curve, 0.5), 4);
    });
    pen.setLineDash([]);
  }

  #drawNodes(pen: CanvasRenderingContext2D, palette: Palette): void {
    const { run, tick, nodes, rate } = this.#state;
    const bad = new Map<number, string>();
    const { nodeStates, handlings } = run;
    eachAt(nodeStates.from, { ends: nodeStates.to, latest: nodeStates.latest }, tick, (index) => {
      const [state = 0, node = 0] = nodeStates.fields[index] ?? [];
      const found = STATES[state] ?? "";
      if (bad.get(node) !== "down") bad.set(node, found);
    });
    const busy = new Set<number>();
    eachAt(handlings.from, { ends: handlings.to, latest: handlings.latest }, tick, (index) =>
      busy.add(handlings.fields[index]?.[0] ?? -1),
    );
    const glow = this.#glow(rate * AFTERGLOW_S);
    for (const [node, spot] of this.#layout.spots.entries()) {
      pen.globalAlpha = nodes.size > 0 && !nodes.has(node) ? 0.45 : 1;
      this.#drawNode(pen, palette, { node, spot, state: bad.get(node), isBusy: busy.has(node), glow: glow.get(node) });
    }
    pen.globalAlpha = 1;
  }

  /** How far the rings are that go out from nodes where something has just arrived, from 0 to 1. */
  #glow(ticks: number): ReadonlyMap<number, number> {
    const { run, rowTicks, rows, tick } = this.#state;
    const glow = new Map<number, number>();
    for (let place = firstAbove(rowTicks, tick) - 1; place >= 0; place--) {
      const age = (tick - (rowTicks[place] as number)) / ticks;
      if (age > 1 || glow.size > 40) break;
      const row = rows[place] as number;
      const node = run.node[row] as number;
      if ((run.from[row] as number) >= 0 && !glow.has(node)) glow.set(node, age);
    }
    return glow;
  }

  #drawNode(
    pen: CanvasRenderingContext2D,
    palette: Palette,
    one: { node: number; spot: Spot; state: string | undefined; isBusy: boolean; glow: number | undefined },
  ): void {
    const { node, spot, state, isBusy, glow } = one;
    const { x, y, radius } = spot;
    const { dial } = this.#layout;
    const alpha = pen.globalAlpha;
    if (state === "down") {
      pen.fillStyle = palette.ground;
      circle(pen, x, y, radius, "fill");
      pen.strokeStyle = palette.fault;
      pen.lineWidth = 1.4;
      pen.setLineDash([3, 4]);
      circle(pen, x, y, radius, "stroke");
      pen.setLineDash([]);
      drawCross(pen, [x, y], radius * 0.38);
    } else {
      const angle = Math.atan2(dial.y - y, dial.x - x);
      if (state === "paused") pen.globalAlpha = alpha * 0.4;
      this.#planets?.draw(pen, { x, y, radius, tone: node, angle });
      pen.globalAlpha = alpha;
      if (state === "paused") drawBars(pen, spot, palette.ink);
    }
    pen.lineWidth = 1.5;
    pen.strokeStyle = state === "slow" ? palette.warn : palette.brass;
    if (isBusy || state === "slow") circle(pen, x, y, radius + 4, "stroke");
    if (glow !== undefined && state !== "down") {
      pen.globalAlpha = alpha * (1 - glow) * 0.8;
      circle(pen, x, y, radius + 4 + glow * Math.max(10, radius), "stroke");
      pen.globalAlpha = alpha;
    }
    this.#labelNode(pen, palette, one);
  }

  #labelNode(
    pen: CanvasRenderingContext2D,
    { font, ink, dim, fault, halo }: Palette,
    { node, spot, state }: { node: number; spot: Spot; state: string | undefined },
  ): void {
    const isSmall = spot.radius < 8;
    if (isSmall && state === undefined && !this.#state.nodes.has(node)) return;
    pen.font = `500 ${isSmall ? 11 : 13}px ${font}`;
    const [dx, dy] = [Math.cos(spot.side), Math.sin(spot.side)];
    pen.textAlign = dx > 0.3 ? "left" : dx < -0.3 ? "right" : "center";
    pen.lineJoin = "round";
    pen.lineWidth = 4;
    pen.strokeStyle = halo;
    const name = nodeName(this.#state.run, node);
    const [x, y] = [spot.x + (spot.radius + 8) * dx, spot.y + (spot.radius + 14.5) * dy + 4.5];
    pen.strokeText(name, x, y);
    pen.fillStyle = state === "down" ? dim : ink;
    pen.fillText(name, x, y);
    if (state === undefined) return;
    pen.font = `11px ${font}`;
    pen.strokeText(state, x, y + 15);
    pen.fillStyle = fault;
    pen.fillText(state, x, y + 15);
  }

  /** Points that were just passed, above their nodes. */
  #drawPoints(pen: CanvasRenderingContext2D, { font, brass, halo }: Palette): void {
    const { run, rowTicks, rows, tick, rate } = this.#state;
    const shown = new Map<number, number>();
    const ticks = rate * AFTERGLOW_S * 1.5;
    for (let place = firstAbove(rowTicks, tick) - 1; place >= 0 && shown.size < 20; place--) {
      const age = (tick - (rowTicks[place] as number)) / ticks;
      if (age > 1) break;
      const row = rows[place] as number;
      const spot = this.#layout.spots[run.node[row] as number];
      if (run.sort[row] !== POINT || spot === undefined) continue;
      const level = shown.get(run.node[row] as number) ?? 0;
      shown.set(run.node[row] as number, level + 1);
      const text = `◆ ${run.data.texts[run.label[row] as number] ?? ""}`;
      pen.globalAlpha = Math.min(1, 2 - 2 * age);
      pen.font = `500 12px ${font}`;
      pen.textAlign = "center";
      pen.lineWidth = 4;
      pen.strokeStyle = halo;
      const y = spot.y - spot.radius - 12 - level * 16;
      pen.strokeText(text, spot.x, y);
      pen.fillStyle = brass;
      pen.fillText(text, spot.x, y);
    }
    pen.globalAlpha = 1;
  }
}

const POINT = 4;
const FAULT = 3;

/** Pairs of nodes between which messages went, those with most of them first. */
function pairsOf({ from, node }: Run): readonly (readonly [number, number])[] {
  const counts = new Map<number, number>();
  for (let row = 0; row < from.length; row++) {
    if ((from[row] as number) < 0) continue;
    const key = (from[row] as number) * 65_536 + (node[row] as number);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, LINES_MAX);
  return most.map(([key]) => [Math.floor(key / 65_536), key % 65_536] as const);
}

/** When faults were, as shares of the run. */
function faultsOf({ sort, tick, endTick }: Run): Float64Array {
  return tick.filter((_, row) => sort[row] === FAULT).map((at) => at / endTick);
}

function strokeCurve(pen: CanvasRenderingContext2D, { x0, y0, cx, cy, x1, y1 }: Curve): void {
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.quadraticCurveTo(cx, cy, x1, y1);
  pen.stroke();
}

function circle(pen: CanvasRenderingContext2D, x: number, y: number, radius: number, how: "fill" | "stroke"): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen[how]();
}

function drawCross(pen: CanvasRenderingContext2D, [x, y]: readonly [number, number], size: number): void {
  pen.setLineDash([]);
  pen.beginPath();
  pen.moveTo(x - size, y - size);
  pen.lineTo(x + size, y + size);
  pen.moveTo(x + size, y - size);
  pen.lineTo(x - size, y + size);
  pen.stroke();
}

function drawBars(pen: CanvasRenderingContext2D, { x, y, radius }: Spot, colour: string): void {
  pen.fillStyle = colour;
  const [wide, high] = [Math.max(1.5, radius * 0.2), radius * 0.8];
  pen.fillRect(x - wide * 1.6, y - high / 2, wide, high);
  pen.fillRect(x + wide * 0.6, y - high / 2, wide, high);
}
