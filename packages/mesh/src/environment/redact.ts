import { SECRET_LETTERS_MIN } from "./limits.ts";

/** Makes what takes secrets out of a text. Those of fewer than four letters are left: they stand in every text by chance. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const parts = partsOf(secrets);
  return (text) => parts.reduce((rest, part) => rest.replaceAll(part, "***"), text);
}

/** Takes secrets out of a text that comes piece by piece. */
export interface StreamRedactor {
  /** Gives what may go out; an end that may be the beginning of a secret waits for what follows. */
  push(piece: string): string;
  /** Gives what waited. */
  end(): string;
}

/** As `createRedactor`, wherever the pieces are cut. A line that is ended never waits. */
export function createStreamRedactor(secrets: readonly string[]): StreamRedactor {
  const redact = createRedactor(secrets);
  const parts = partsOf(secrets);
  let kept = "";
  return {
    push: (piece) => {
      const text = redact(kept + piece);
      const length = Math.max(0, ...parts.map((part) => beginningOf(part, text)));
      kept = text.slice(text.length - length);
      return text.slice(0, text.length - length);
    },
    end: () => {
      const text = kept;
      kept = "";
      return text;
    },
  };
}

function partsOf(secrets: readonly string[]): readonly string[] {
  return secrets
    .flatMap((secret) => secret.split("\n"))
    .filter((part) => part.length >= SECRET_LETTERS_MIN)
    .sort((a, b) => b.length - a.length);
}

/** How much of a part the text ends with, as far as that is its beginning. */
function beginningOf(part: string, text: string): number {
  for (let length = Math.min(part.length - 1, text.length); length > 0; length--)
    if (text.endsWith(part.slice(0, length))) return length;
  return 0;
}
