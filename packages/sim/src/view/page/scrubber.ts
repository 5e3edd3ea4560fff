import { STATES } from "../page-format.ts";
import { fitCanvas } from "./element.ts";
import type { Palette } from "./palette.ts";
import { firstAbove, formatMs, type Run } from "./run.ts";
import type { State } from "./state.ts";

/** The line of time: how much happens when, what was wrong when, and where the page is. */
export interface Scrubber {
  draw(palette: Palette): void;
  /** Draws what does not move anew: filters or size have changed. */
  forget(): void;
}

/** Options of a line of time. */
export interface ScrubberOptions {
  readonly state: State;
  readonly canvas: HTMLCanvasElement;
  /** Goes to a time, in ticks. */
  readonly seek: (tick: number) => void;
  readonly redraw: () => void;
}

/** Makes the line of time on a canvas: drag to go, wheel to look closer, double click for the whole. */
export function createScrubber(options: ScrubberOptions): Scrubber {
  return new TimeLine(options);
}

const AXIS_PX = 18;
const LANE_PX = 4;
const PAD_PX = 10;

class TimeLine implements Scrubber {
  readonly #state: State;
  readonly #canvas: HTMLCanvasElement;
  readonly #options: ScrubberOptions;
  readonly #faults: Float64Array;
  #from = 0;
  #to: number;
  #still: { readonly canvas: HTMLCanvasElement; readonly key: string } | undefined;
  #pointer: number | undefined;
  #isDragged = false;

  constructor(options: ScrubberOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#canvas = options.canvas;
    this.#to = options.state.run.endTick;
    this.#faults = faultTicks(options.state.run);
    this.#listen();
  }

  forget(): void {
    this.#still = undefined;
  }

  draw(palette: Palette): void {
    const { tick } = this.#state;
    if (!this.#isDragged && (tick < this.#from || tick > this.#to)) this.#show(tick);
    const { pen, width, height } = fitCanvas(this.#canvas);
    pen.clearRect(0, 0, width, height);
    pen.drawImage(this.#paintStill(palette, width, height), 0, 0, width, height);
    const x = this.#xOf(tick, width);
    pen.fillStyle = palette.brass;
    pen.globalAlpha = 0.1;
    pen.fillRect(PAD_PX, 8, Math.max(0, x - PAD_PX), height - AXIS_PX - 8);
    pen.globalAlpha = 1;
    pen.fillRect(x - 0.75, 4, 1.5, height - AXIS_PX - 2);
    pen.beginPath();
    pen.arc(x, 6, 5, 0, 2 * Math.PI);
    pen.fill();
    this.#drawPointer(pen, palette, { width, height });
  }

  #paintStill(palette: Palette, width: number, height: number): HTMLCanvasElement {
    const key = `${this.#from} ${this.#to} ${width} ${height} ${palette.ground}`;
    if (this.#still?.key === key) return this.#still.canvas;
    const canvas = document.createElement("canvas");
    canvas.width = this.#canvas.width;
    canvas.height = this.#canvas.height;
    const pen = canvas.getContext("2d");
    if (pen === null) return canvas;
    pen.scale(canvas.width / width, canvas.height / height);
    const room = { width, base: height - AXIS_PX - 3 * LANE_PX };
    this.#drawDensity(pen, palette, room);
    this.#drawStates(pen, palette, room);
    this.#drawFaults(pen, palette, room);
    this.#drawAxis(pen, palette, { width, height });
    this.#still = { canvas, key };
    return canvas;
  }

  /** One bar for three pixels: its height grows with the root of how much happens in them. */
  #drawDensity(
    pen: CanvasRenderingContext2D,
    { brass, faint }: Palette,
    { width, base }: { width: number; base: number },
  ): void {
    const { run, rowTicks } = this.#state;
    const bars = Math.max(1, Math.floor((width - 2 * PAD_PX) / 3));
    const edge = (bar: number) => this.#from + ((this.#to - this.#from) * bar) / bars;
    const count = (ticks: Float64Array, bar: number) => {
      // The last bar takes what stands at its end, too.
      const end = bar === bars - 1 ? edge(bars) : edge(bar + 1) - 1e-6;
      return firstAbove(ticks, end) - firstAbove(ticks, edge(bar) - 1e-6);
    };
    const all = Array.from({ length: bars }, (_, bar) => [count(run.tick, bar), count(rowTicks, bar)] as const);
    const most = Math.sqrt(Math.max(1, ...all.map(([total]) => total)));
    for (const [bar, [total, shown]] of all.entries()) {
      for (const [part, colour, alpha] of [[total, faint, 0.35] as const, [shown, brass, 0.75] as const]) {
        if (part === 0) continue;
        const high = Math.max(1.5, (Math.sqrt(part) / most) * (base - 16));
        pen.globalAlpha = alpha;
        pen.fillStyle = colour;
        pen.fillRect(PAD_PX + bar * 3, base - high, 2, high);
      }
    }
    pen.globalAlpha = 1;
  }

  #drawStates(
    pen: CanvasRenderingContext2D,
    { fault, warn }: Palette,
    { width, base }: { width: number; base: number },
  ): void {
    const { nodeStates, linkStates } = this.#state.run;
    for (const [spans, lane] of [[nodeStates, 0] as const, [linkStates, 1] as const]) {
      for (let index = 0; index < spans.count; index++) {
        const state = STATES[spans.fields[index]?.[0] ?? 0] ?? "down";
        const [x0, x1] = [this.#xOf(spans.from[index] as number, width), this.#xOf(spans.to[index] as number, width)];
        if (x1 < PAD_PX || x0 > width - PAD_PX) continue;
        pen.fillStyle = state === "down" || state === "cut" ? fault : warn;
        const left = Math.max(PAD_PX, x0);
        pen.fillRect(left, base + 2 + lane * LANE_PX, Math.max(2, Math.min(width - PAD_PX, x1) - left), 2.5);
      }
    }
  }

  #drawFaults(
    pen: CanvasRenderingContext2D,
    { fault }: Palette,
    { width, base }: { width: number; base: number },
  ): void {
    pen.fillStyle = fault;
    let last = Number.NEGATIVE_INFINITY;
    for (const tick of this.#faults) {
      const x = this.#xOf(tick, width);
      if (x < PAD_PX || x > width - PAD_PX || x - last < 1) continue;
      last = x;
      pen.globalAlpha = 0.35;
      pen.fillRect(x - 0.5, 14, 1, base - 14);
      pen.globalAlpha = 1;
      pen.beginPath();
      pen.moveTo(x - 4, 8);
      pen.lineTo(x + 4, 8);
      pen.lineTo(x, 14);
      pen.fill();
    }
  }

  #drawAxis(
    pen: CanvasRenderingContext2D,
    { dim, line, font }: Palette,
    { width, height }: { width: number; height: number },
  ): void {
    const step = niceStep((this.#to - this.#from) / Math.max(2, width / 110));
    pen.font = `11px ${font}`;
    pen.fillStyle = dim;
    pen.strokeStyle = line;
    pen.beginPath();
    pen.moveTo(PAD_PX, height - AXIS_PX + 0.5);
    pen.lineTo(width - PAD_PX, height - AXIS_PX + 0.5);
    pen.stroke();
    for (let tick = Math.ceil(this.#from / step) * step; tick <= this.#to; tick += step) {
      const x = this.#xOf(tick, width);
      pen.textAlign = x < 30 ? "left" : x > width - 40 ? "right" : "center";
      pen.fillText(axisText(tick, step), x, height - 4);
    }
  }

  #drawPointer(
    pen: CanvasRenderingContext2D,
    { ink, dim, halo, font }: Palette,
    { width, height }: { width: number; height: number },
  ): void {
    if (this.#pointer === undefined || this.#isDragged) return;
    const x = Math.max(PAD_PX, Math.min(width - PAD_PX, this.#pointer));
    pen.fillStyle = dim;
    pen.fillRect(x - 0.5, 8, 1, height - AXIS_PX - 8);
    pen.font = `11px ${font}`;
    pen.textAlign = x < width / 2 ? "left" : "right";
    pen.lineWidth = 4;
    pen.strokeStyle = halo;
    pen.fillStyle = ink;
    const at = x + (x < width / 2 ? 6 : -6);
    const text = `${formatMs(this.#tickAt(x, width))} ms`;
    pen.strokeText(text, at, 20);
    pen.fillText(text, at, 20);
  }

  #xOf(tick: number, width: number): number {
    return PAD_PX + ((tick - this.#from) / (this.#to - this.#from)) * (width - 2 * PAD_PX);
  }

  #tickAt(x: number, width: number): number {
    const share = Math.max(0, Math.min(1, (x - PAD_PX) / (width - 2 * PAD_PX)));
    return this.#from + share * (this.#to - this.#from);
  }

  /** Shifts what is shown so that a time is in it. */
  #show(tick: number): void {
    const length = this.#to - this.#from;
    this.#from = Math.max(0, Math.min(this.#state.run.endTick - length, tick - length * 0.1));
    this.#to = this.#from + length;
  }

  #zoom(x: number, factor: number): void {
    const { endTick } = this.#state.run;
    const middle = this.#tickAt(x, this.#canvas.clientWidth);
    const length = Math.min(endTick, Math.max(20, (this.#to - this.#from) * factor));
    const share = (middle - this.#from) / (this.#to - this.#from);
    this.#from = Math.max(0, Math.min(endTick - length, middle - share * length));
    this.#to = this.#from + length;
  }

  #listen(): void {
    const { seek, redraw } = this.#options;
    const canvas = this.#canvas;
    const xOf = (event: MouseEvent) => event.clientX - canvas.getBoundingClientRect().left;
    const go = (event: PointerEvent) => seek(this.#tickAt(xOf(event), canvas.clientWidth));
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#isDragged = true;
      go(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      this.#pointer = xOf(event);
      if (this.#isDragged) go(event);
      else redraw();
    });
    canvas.addEventListener("pointerup", () => {
      this.#isDragged = false;
    });
    canvas.addEventListener("pointerleave", () => {
      this.#pointer = undefined;
      redraw();
    });
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      this.#zoom(xOf(event), 1.0018 ** event.deltaY);
      redraw();
    };
    canvas.addEventListener("wheel", wheel, { passive: false });
    canvas.addEventListener("dblclick", () => {
      [this.#from, this.#to] = [0, this.#state.run.endTick];
      redraw();
    });
  }
}

function faultTicks({ sort, tick }: Run): Float64Array {
  const fault = 3;
  return tick.filter((_, row) => sort[row] === fault);
}

/** A step of 1, 2 or 5 times a power of ten. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, step)));
  return power * ([1, 2, 5].find((factor) => factor * power >= step) ?? 10);
}

function axisText(tick: number, step: number): string {
  if (step >= 1_000_000) return `${tick / 1_000_000} s`;
  return `${Number((tick / 1000).toFixed(3))} ms`;
}
