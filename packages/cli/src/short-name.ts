/** What is shortest to type for a service: its last part, without "Service", beginning with a small letter. */
export function shortName(name: string): string {
  const last = name.slice(name.lastIndexOf(".") + 1);
  const word = last.replace(/Service$/, "") || last;
  return word.charAt(0).toLowerCase() + word.slice(1);
}
