/** Compares two texts in a time that tells nothing of where they differ. */
export function isSameText(said: string, right: string): boolean {
  const [a, b] = [new TextEncoder().encode(said), new TextEncoder().encode(right)];
  let difference = a.length ^ b.length;
  for (let index = 0; index < b.length; index++)
    difference |= (a[index % Math.max(1, a.length)] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}
