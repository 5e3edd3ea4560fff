import { project, type XY } from "./projection.ts";

/** Where the map lies on the screen, in CSS pixels. */
export interface View {
  readonly width: number;
  readonly height: number;
  /** Puts a point of the map on the screen. */
  place(point: XY): XY;
  /** Puts a place on the Earth on the screen; gives nothing when it is on no part of the map. */
  locate(place: { longitude: number; latitude: number } | undefined): XY | undefined;
}

/** Room that the panel and the status line take. */
const PANEL_PX = 372;
const STATUS_PX = 60;
const MARGIN_PX = 24;

/** Fits points of the map into a window, beside the panel where there is room for it. */
export function createView(points: readonly XY[], window: { readonly width: number; readonly height: number }): View {
  const { width, height } = window;
  const [left, bottom] = width > 720 ? [PANEL_PX, STATUS_PX] : [0, height * 0.56];
  const [x0, x1] = rangeOf(points.map(([x]) => x));
  const [y0, y1] = rangeOf(points.map(([, y]) => y));
  const [roomX, roomY] = [width - left - 2 * MARGIN_PX, height - bottom - 2 * MARGIN_PX];
  const scale = Math.min(roomX / (x1 - x0), roomY / (y1 - y0));
  const dx = left + MARGIN_PX + (roomX - scale * (x1 - x0)) / 2 - scale * x0;
  const dy = MARGIN_PX + (roomY - scale * (y1 - y0)) / 2 - scale * y0;
  const place = ([x, y]: XY): XY => [dx + scale * x, dy + scale * y];
  const locate = (at: { longitude: number; latitude: number } | undefined) => {
    const point = at === undefined ? undefined : project(at);
    return point === undefined ? undefined : place(point);
  };
  return { width, height, place, locate };
}

function rangeOf(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** Gives the pen of a canvas, sized to the screen's own pixels and wiped clean. */
export function penOf(canvas: HTMLCanvasElement, view: View): CanvasRenderingContext2D {
  const density = devicePixelRatio;
  const [width, height] = [Math.round(view.width * density), Math.round(view.height * density)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("Cannot draw the map: the browser gives no 2d canvas");
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.clearRect(0, 0, view.width, view.height);
  return pen;
}
