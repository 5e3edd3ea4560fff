/** Tells whether a name fits. */
export type NamePattern = (name: string) => boolean;

/** Reads a name in which `*` stands for any characters, also none; every other character stands for itself. */
export function namePattern(text: string): NamePattern {
  if (!text.includes("*")) return (name) => name === text;
  const [head = "", ...rest] = text.split("*");
  const tail = rest.pop() ?? "";
  return (name) => {
    if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
    // Each part as early as it can be: no other choice leaves more room for what follows.
    let at = head.length;
    const end = name.length - tail.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
