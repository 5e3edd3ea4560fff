import type { Sky } from "../gen/flights/v1/feed_pb.ts";
import type { XY } from "./projection.ts";
import type { View } from "./view.ts";

/** An aircraft on its way from where it was shown to where the feed last saw it. */
interface Shown {
  readonly from: XY;
  readonly to: XY;
  /** On the screen, in radians: 0 is right. */
  readonly angle: number;
  readonly late: boolean;
}

/** The aircraft on the screen: a sky comes every second, and they glide from one to the next. */
export interface Traffic {
  /** Takes a new sky, at a time in ms. */
  update(view: View, sky: Sky, nowMs: number): void;
  draw(pen: CanvasRenderingContext2D, nowMs: number): void;
}

/** A jump further than this is none of an aircraft: the window was resized, or the flight has changed parts of the map. */
const GLIDE_PX_MAX = 40;
const LATE_MINUTES = 15;

/** Makes an empty screen of traffic. */
export function createTraffic(intervalMs: number): Traffic {
  let shown = new Map<number, Shown>();
  let sinceMs = 0;
  const shareOf = (nowMs: number) => Math.min(1, (nowMs - sinceMs) / intervalMs);
  return {
    update(view, sky, nowMs) {
      const share = shareOf(nowMs);
      const next = new Map<number, Shown>();
      for (const { flight, place, headingDegrees, delayMinutes } of sky.aircraft) {
        const to = view.locate(place);
        if (to === undefined) continue;
        const last = shown.get(flight);
        const from = last === undefined || lengthOf(last.to, to) > GLIDE_PX_MAX ? to : between(last, share);
        const angle =
          lengthOf(from, to) < 0.3
            ? (headingDegrees - 90) * (Math.PI / 180)
            : Math.atan2(to[1] - from[1], to[0] - from[0]);
        next.set(flight, { from, to, angle, late: delayMinutes >= LATE_MINUTES });
      }
      shown = next;
      sinceMs = nowMs;
    },
    draw(pen, nowMs) {
      const share = shareOf(nowMs);
      for (const late of [false, true]) {
        pen.beginPath();
        for (const aircraft of shown.values())
          if (aircraft.late === late) outline(pen, between(aircraft, share), aircraft.angle);
        pen.fillStyle = late ? "#ff9d6b" : "#9fd8ff";
        pen.fill();
      }
    },
  };
}

/** An arrowhead of 7 by 5 pixels. */
const SHAPE: readonly XY[] = [
  [4.2, 0],
  [-2.8, -2.5],
  [-1.4, 0],
  [-2.8, 2.5],
];

function outline(pen: CanvasRenderingContext2D, [x, y]: XY, angle: number): void {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (const [index, [along, across]] of SHAPE.entries()) {
    const at: XY = [x + along * cos - across * sin, y + along * sin + across * cos];
    index === 0 ? pen.moveTo(...at) : pen.lineTo(...at);
  }
  pen.closePath();
}

function between({ from, to }: Shown, share: number): XY {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

function lengthOf(a: XY, b: XY): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
