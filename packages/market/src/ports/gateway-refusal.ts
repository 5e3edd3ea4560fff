const BEGIN = "Cannot answer: ";

/** What a gateway says in place of a pod that does not answer. */
export function printRefusal(why: string): string {
  return `${BEGIN}${why}\n`;
}

/** Why a gateway said that it cannot answer, in one line; undefined where what was said is the pod's own. @param text the beginning of what was said */
export function parseRefusal(text: string): string | undefined {
  return text.startsWith(BEGIN) ? text.slice(BEGIN.length).split("\n", 1)[0] : undefined;
}
