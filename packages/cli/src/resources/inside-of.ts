/** A selector of what is directly in a resource, or at any depth. */
export function insideOf(address: string, how: "*" | "**"): string {
  return address.endsWith("/") ? `${address}${how}` : `${address}:${how}`;
}
