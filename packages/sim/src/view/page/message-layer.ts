import type { Curve } from "./layout.ts";
import { pointOf } from "./layout.ts";
import type { Palette } from "./palette.ts";
import { eachAt, labelOf, type Run } from "./run.ts";
import { isFollowed, type State } from "./state.ts";

/** What messages are drawn into. */
export interface MessageScene {
  readonly state: State;
  readonly palette: Palette;
  readonly curve: (from: number, to: number) => Curve;
  readonly width: number;
  readonly height: number;
}

/** Messages that have tails; of more at once each is a dot. */
const TAILS_MAX = 400;

/** Messages that say what they are. */
const LABELS_MAX = 10;

/** Causes that are drawn. */
const CHAIN_MAX = 16;

const CONTROL = 1;

/** What answers are called that are no failures. */
const ANSWERS: ReadonlySet<string> = new Set(["reply", "stream-item", "stream-credit", "stream-end"]);

interface Flight {
  readonly row: number;
  /** How much of its way is behind it, from 0 to 1. */
  readonly share: number;
  readonly isLost: boolean;
}

/** What is under way now. */
function flightsAt({ run, tick, sorts }: State): readonly Flight[] {
  const { flights } = run;
  const found: Flight[] = [];
  eachAt(flights.sent, { ends: flights.arrived, latest: flights.latest }, tick, (index) => {
    const row = flights.row[index] as number;
    if (run.sort[row] === CONTROL && !sorts.has(CONTROL)) return;
    const [sent, arrived] = [flights.sent[index] as number, flights.arrived[index] as number];
    found.push({ row, share: (tick - sent) / (arrived - sent), isLost: (run.to[row] as number) >= 0 });
  });
  return found;
}

function curveOf({ state: { run }, curve }: MessageScene, row: number): Curve {
  const [node, from, to] = [run.node[row] as number, run.from[row] as number, run.to[row] as number];
  return from >= 0 ? curve(from, node) : curve(node, to);
}

function colourOf({ run }: State, row: number, { request, reply, control, fault }: Palette): string {
  if ((run.to[row] as number) >= 0) return fault;
  if (run.sort[row] === CONTROL) return control;
  return run.back[row] === 1 ? (isFailure(run, row) ? fault : reply) : request;
}

/** Whether an answer says that something went wrong. */
export function isFailure({ data, label }: Run, row: number): boolean {
  return !ANSWERS.has(data.texts[label[row] as number] ?? "");
}

/** Draws the messages that are under way, each with a tail that shows where it came from. */
export function drawMessages(pen: CanvasRenderingContext2D, scene: MessageScene): void {
  const { state, palette } = scene;
  const flights = flightsAt(state);
  const hasTails = flights.length <= TAILS_MAX;
  const followed = flights.filter(({ row }) => isFollowed(state, row));
  const most = scene.width < 600 ? LABELS_MAX / 4 : LABELS_MAX;
  const labelled = followed.length <= most ? new Set(followed) : new Set<Flight>();
  pen.lineCap = "round";
  const taken: Place[] = [];
  for (const flight of flights) {
    const { row, share, isLost } = flight;
    const isSelected = row === state.selected;
    const curve = curveOf(scene, row);
    const colour = colourOf(state, row, palette);
    pen.globalAlpha = isFollowed(state, row) || isSelected ? 1 : 0.18;
    if (isLost) drawLost(pen, curve, { share, colour });
    else {
      if (hasTails) drawTail(pen, curve, { share, colour, isSelected });
      drawDot(pen, pointOf(curve, share), {
        colour,
        radius: isSelected ? 5.5 : state.run.sort[row] === CONTROL ? 2 : 3.6,
      });
    }
    if (labelled.has(flight) || isSelected)
      drawLabel(pen, scene, { row, at: pointOf(curve, isLost ? share / 2 : share), taken });
  }
  pen.globalAlpha = 1;
}

function drawDot(
  pen: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  dot: { colour: string; radius: number },
) {
  pen.fillStyle = dot.colour;
  pen.beginPath();
  pen.arc(x, y, dot.radius, 0, 2 * Math.PI);
  pen.fill();
}

const TAIL_PARTS = 6;
const TAIL_SHARE = 0.2;

function drawTail(
  pen: CanvasRenderingContext2D,
  curve: Curve,
  { share, colour, isSelected }: { share: number; colour: string; isSelected: boolean },
): void {
  const alpha = pen.globalAlpha;
  const begin = Math.max(0, share - TAIL_SHARE);
  pen.strokeStyle = colour;
  for (let part = 0; part < TAIL_PARTS; part++) {
    const [from, to] = [part / TAIL_PARTS, (part + 1) / TAIL_PARTS].map((at) => begin + (share - begin) * at);
    pen.globalAlpha = alpha * 0.55 * ((part + 1) / TAIL_PARTS) ** 2;
    pen.lineWidth = (isSelected ? 6 : 4) * ((part + 1) / TAIL_PARTS);
    pen.beginPath();
    pen.moveTo(...pointOf(curve, from ?? 0));
    pen.lineTo(...pointOf(curve, to ?? 0));
    pen.stroke();
  }
  pen.globalAlpha = alpha;
}

/** A message that never arrives goes half its way, and ends in a cross that fades. */
function drawLost(
  pen: CanvasRenderingContext2D,
  curve: Curve,
  { share, colour }: { share: number; colour: string },
): void {
  const [x, y] = pointOf(curve, Math.min(0.5, share));
  if (share < 0.5) {
    drawDot(pen, [x, y], { colour, radius: 3.6 });
    return;
  }
  pen.globalAlpha *= 2 - 2 * share;
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  const size = 4 + (share - 0.5) * 10;
  pen.beginPath();
  pen.moveTo(x - size, y - size);
  pen.lineTo(x + size, y + size);
  pen.moveTo(x + size, y - size);
  pen.lineTo(x - size, y + size);
  pen.stroke();
}

/** Room that a label takes. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const LABEL_PX = 15;

/** Says what a message is, where no other label stands. */
function drawLabel(
  pen: CanvasRenderingContext2D,
  { state, palette, width }: MessageScene,
  { row, at: [x, y], taken }: { row: number; at: readonly [number, number]; taken: Place[] },
): void {
  pen.font = `12px ${palette.font}`;
  pen.textAlign = "left";
  pen.lineWidth = 4;
  pen.lineJoin = "round";
  pen.strokeStyle = palette.halo;
  pen.fillStyle = palette.ink;
  const text = labelOf(state.run, row);
  const wide = pen.measureText(text).width;
  const place: Place = { x: Math.min(x + 9, width - 8 - wide), y: y - 8, width: wide };
  const overlaps = (other: Place) =>
    Math.abs(other.y - place.y) < LABEL_PX && other.x < place.x + wide && place.x < other.x + other.width;
  if (taken.some(overlaps)) return;
  taken.push(place);
  pen.strokeText(text, place.x, place.y);
  pen.fillText(text, place.x, place.y);
}

/** Draws the messages that led to the selected one, the older the fainter. */
export function drawChain(pen: CanvasRenderingContext2D, scene: MessageScene): void {
  const { state, palette } = scene;
  const { run, selected, causes } = state;
  if (selected < 0) return;
  const rows = [selected, ...causes].filter((row) => (run.from[row] as number) >= 0 || (run.to[row] as number) >= 0);
  for (const [index, row] of rows.slice(0, CHAIN_MAX).entries()) {
    const { x0, y0, cx, cy, x1, y1 } = curveOf(scene, row);
    pen.globalAlpha = index === 0 ? 0.95 : 0.75 * (1 - index / CHAIN_MAX);
    pen.strokeStyle = index === 0 ? palette.ink : palette.brass;
    pen.lineWidth = index === 0 ? 2 : 1.5;
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.quadraticCurveTo(cx, cy, x1, y1);
    pen.stroke();
    drawHead(pen, { cx, cy, x1, y1 });
  }
  pen.globalAlpha = 1;
}

function drawHead(pen: CanvasRenderingContext2D, { cx, cy, x1, y1 }: Pick<Curve, "cx" | "cy" | "x1" | "y1">): void {
  const angle = Math.atan2(y1 - cy, x1 - cx);
  pen.fillStyle = pen.strokeStyle;
  pen.beginPath();
  pen.moveTo(x1, y1);
  for (const turn of [2.7, -2.7]) pen.lineTo(x1 + 9 * Math.cos(angle + turn), y1 + 9 * Math.sin(angle + turn));
  pen.fill();
}

/** How near a pointer has to be to a message, in pixels. */
const REACH = 16;

/** The row of the message nearest to a point, or -1. */
export function messageAt(scene: MessageScene, x: number, y: number): number {
  let nearest = -1;
  let least = REACH;
  for (const { row, share, isLost } of flightsAt(scene.state)) {
    const [atX, atY] = pointOf(curveOf(scene, row), isLost ? Math.min(0.5, share) : share);
    const distance = Math.hypot(atX - x, atY - y);
    if (distance < least) {
      nearest = row;
      least = distance;
    }
  }
  return nearest;
}
