/** The Space that an address is in: its first segment. */
export function spaceOf(address: string): string {
  return address.split(":", 1)[0] ?? address;
}
