import type { Orbit } from "./layout.ts";
import type { Palette } from "./palette.ts";

/** Marks of the dial's scale, and each how many of them is a long one. */
const MARKS = 180;
const LONG_EVERY = 15;

function onDial({ x, y, rx, ry }: Orbit, share: number, out: number): readonly [number, number] {
  const angle = -Math.PI / 2 + share * 2 * Math.PI;
  return [x + (rx + out) * Math.cos(angle), y + (ry + out) * Math.sin(angle)];
}

/** Draws the dial that stands still: two rings and their scale. */
export function drawDial(pen: CanvasRenderingContext2D, dial: Orbit, { line, faint }: Palette): void {
  pen.lineWidth = 1;
  pen.strokeStyle = line;
  for (const out of [0, 9]) {
    pen.beginPath();
    pen.ellipse(dial.x, dial.y, dial.rx + out, dial.ry + out, 0, 0, 2 * Math.PI);
    pen.stroke();
  }
  for (let mark = 0; mark < MARKS; mark++) {
    const isLong = mark % LONG_EVERY === 0;
    pen.strokeStyle = isLong ? faint : line;
    pen.beginPath();
    pen.moveTo(...onDial(dial, mark / MARKS, isLong ? -4 : 2));
    pen.lineTo(...onDial(dial, mark / MARKS, 9));
    pen.stroke();
  }
}

/** Draws how much of the run is over, as an arc that a bead leads, and where faults were. */
export function drawHand(
  pen: CanvasRenderingContext2D,
  dial: Orbit,
  { share, faults, palette }: { readonly share: number; readonly faults: Float64Array; readonly palette: Palette },
): void {
  pen.strokeStyle = palette.fault;
  pen.lineWidth = 1.5;
  for (const fault of faults) {
    pen.globalAlpha = fault <= share ? 0.95 : 0.4;
    pen.beginPath();
    pen.moveTo(...onDial(dial, fault, 1));
    pen.lineTo(...onDial(dial, fault, 15));
    pen.stroke();
  }
  pen.globalAlpha = 1;
  pen.strokeStyle = palette.brass;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.ellipse(dial.x, dial.y, dial.rx + 4.5, dial.ry + 4.5, 0, -Math.PI / 2, -Math.PI / 2 + share * 2 * Math.PI);
  pen.stroke();
  const [x, y] = onDial(dial, share, 4.5);
  pen.fillStyle = palette.brass;
  pen.beginPath();
  pen.arc(x, y, 5, 0, 2 * Math.PI);
  pen.fill();
}
