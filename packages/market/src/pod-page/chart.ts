import { type Html, html } from "../page/html.ts";

/** A quantity over time. */
export interface Chart {
  readonly name: string;
  readonly values: readonly number[];
  /** Writes a value for people. */
  readonly say: (value: number) => string;
}

const WIDTH = 240;
const HEIGHT = 48;

/** Draws a quantity as a line with the area below, from 0 to its most; what it is now and at most is said in words. */
export function chart({ name, values, say }: Chart): Html {
  const [most, last] = [Math.max(0, ...values), values.at(-1) ?? 0];
  const y = (value: number) => (HEIGHT - 2 - (most === 0 ? 0 : (value / most) * (HEIGHT - 4))).toFixed(1);
  const step = values.length < 2 ? 0 : WIDTH / (values.length - 1);
  const points = values.map((value, at) => `${(at * step).toFixed(1)},${y(value)}`);
  const line = points.length === 1 ? [...points, `${WIDTH},${y(last)}`] : points;
  const drawn =
    values.length === 0
      ? html`<p class="none">Nothing yet.</p>`
      : html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${name}: ${say(last)} now, ${say(most)} at most"><polygon points="0,${HEIGHT} ${line.join(" ")} ${WIDTH},${HEIGHT}"/><polyline points="${line.join(" ")}"/></svg>`;
  return html`<figure class="card chart"><figcaption><h3>${name}</h3><b>${say(last)}</b> <small>${say(most)} at most</small></figcaption>${drawn}</figure>`;
}
