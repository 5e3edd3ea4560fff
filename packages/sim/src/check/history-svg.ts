import { type TimelineBar, timeText } from "./timeline-bar.ts";

const ROW_HEIGHT = 34;
const BAR_HEIGHT = 24;
const LETTER_WIDTH = 7;
const MARGIN = 16;
const NAMES_WIDTH = 96;
const HEAD_HEIGHT = 56;
/** Least room between two moments. */
const GAP = 10;

const STYLE = `
  svg { color-scheme: light dark; background: light-dark(#fff, #14171c); font: 12px ui-monospace, monospace; }
  text { fill: light-dark(#1c2530, #dfe6ee); } .quiet { fill: light-dark(#66707c, #8b96a3); }
  .title { font-size: 15px; font-weight: 600; } .lane { stroke: light-dark(#e3e8ee, #2a313a); }
  .ok rect { fill: light-dark(#dcebfb, #1f3d5c); stroke: light-dark(#5b93cc, #5b93cc); }
  .fail rect { fill: light-dark(#eceff2, #2a2f36); stroke: light-dark(#a2abb5, #66707c); } .fail text { text-decoration: line-through; }
  .unknown rect { fill: light-dark(#fff3d6, #4a3a12); stroke: #c9962b; stroke-dasharray: 4 3; }
  .marked rect { fill: light-dark(#fbdcdc, #5c1f24); stroke: #d33b47; stroke-width: 2; }
  .place circle { fill: light-dark(#1c2530, #dfe6ee); } .place text { fill: light-dark(#fff, #14171c); font-size: 9px; text-anchor: middle; }`;

/** Draws bars along the page, a row for each process. The picture stands by itself and follows light and dark. */
export function svgTimeline(bars: readonly TimelineBar[], title: string): string {
  const processes = [...new Set(bars.map((bar) => bar.process))].sort((a, b) => a - b);
  const rowOf = new Map(processes.map((process, index) => [process, index]));
  const places = placesOf(bars);
  const right = Math.max(0, ...places.values()) + GAP * 4;
  const width = Math.max(right, title.length * 9 + NAMES_WIDTH) + MARGIN;
  const height = HEAD_HEIGHT + processes.length * ROW_HEIGHT + MARGIN;
  const lanes = processes.map((process, index) => lane(process, HEAD_HEIGHT + index * ROW_HEIGHT, right));
  const drawn = bars.map((bar) => {
    const top = HEAD_HEIGHT + (rowOf.get(bar.process) ?? 0) * ROW_HEIGHT;
    return drawBar(bar, places.get(bar.callAt) ?? 0, places.get(bar.returnAt) ?? right, top);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeText(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="${MARGIN}" y="26">${escapeText(title)}</text>`,
    ...times(bars, places),
    ...lanes,
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

/** Where each time stands: far enough from the one before, and each bar wide enough for its text. */
function placesOf(bars: readonly TimelineBar[]): Map<number, number> {
  const times = [...new Set(bars.flatMap((bar) => [bar.callAt, bar.returnAt]))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const places = new Map<number, number>();
  let place = NAMES_WIDTH;
  for (const time of times) {
    for (const bar of bars) {
      const call = places.get(bar.callAt);
      if (bar.returnAt === time && call !== undefined) place = Math.max(place, call + widthOf(bar));
    }
    places.set(time, place);
    const instant = bars.filter((bar) => bar.callAt === time && bar.returnAt === time);
    place += Math.max(GAP, ...instant.map(widthOf));
  }
  return places;
}

function widthOf(bar: TimelineBar): number {
  return bar.label.length * LETTER_WIDTH + (bar.place === undefined ? 14 : 34);
}

function lane(process: number, top: number, right: number): string {
  const middle = top + ROW_HEIGHT / 2;
  return `<line class="lane" x1="${NAMES_WIDTH}" x2="${right}" y1="${middle}" y2="${middle}"/><text class="quiet" x="${MARGIN}" y="${middle + 4}">process ${process}</text>`;
}

function drawBar(bar: TimelineBar, left: number, right: number, top: number): string {
  const y = top + (ROW_HEIGHT - BAR_HEIGHT) / 2;
  const width = Math.max(widthOf(bar), right - left);
  const kind = bar.isMarked ? `${bar.outcome} marked` : bar.outcome;
  const middle = y + BAR_HEIGHT / 2;
  const text = left + (bar.place === undefined ? 7 : 27);
  const place =
    bar.place === undefined
      ? ""
      : `<g class="place"><circle cx="${left + 14}" cy="${middle}" r="8"/><text x="${left + 14}" y="${middle + 3}">${bar.place}</text></g>`;
  const until = bar.returnAt === Number.POSITIVE_INFINITY ? "no answer" : `to ${bar.returnAt}`;
  return `<g class="${kind}"><title>${escapeText(`process ${bar.process}: ${bar.label}, ${bar.callAt} ${until}`)}</title><rect x="${left}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="4"/>${place}<text x="${text}" y="${middle + 4}">${escapeText(bar.label)}</text></g>`;
}

/** First and last time, and those between that have room. */
function times(bars: readonly TimelineBar[], places: ReadonlyMap<number, number>): string[] {
  let last = Number.NEGATIVE_INFINITY;
  const drawn: string[] = [];
  if (bars.length === 0) return drawn;
  for (const [time, place] of places) {
    const text = timeText(time);
    if (place < last + LETTER_WIDTH) continue;
    last = place + text.length * LETTER_WIDTH;
    drawn.push(`<text class="quiet" x="${place}" y="${HEAD_HEIGHT - 8}">${text}</text>`);
  }
  return drawn;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
