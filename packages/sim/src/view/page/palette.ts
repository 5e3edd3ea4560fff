/** Colours of what is drawn, as the style sheet has them for the reader's scheme. */
export interface Palette {
  readonly ground: string;
  readonly ink: string;
  readonly dim: string;
  readonly faint: string;
  readonly line: string;
  readonly brass: string;
  readonly request: string;
  readonly reply: string;
  readonly control: string;
  readonly fault: string;
  readonly warn: string;
  readonly halo: string;
  /** Tones of nodes: lit side and dark side. */
  readonly tones: readonly (readonly [string, string])[];
  readonly font: string;
}

const TONES = 6;

/** Reads the colours that hold at present. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: of("ground"),
    ink: of("ink"),
    dim: of("dim"),
    faint: of("faint"),
    line: of("line"),
    brass: of("brass"),
    request: of("request"),
    reply: of("reply"),
    control: of("control"),
    fault: of("fault"),
    warn: of("warn"),
    halo: of("halo"),
    tones: Array.from({ length: TONES }, (_, index) => [of(`tone-${index}`), of(`tone-${index}-dark`)] as const),
    font: of("font"),
  };
}
