/** What was measured last, by place. */
const MEASURED: Readonly<Record<string, { station: string; celsius: number }>> = {
  Oslo: { station: "Blindern", celsius: -3 },
  London: { station: "Heathrow", celsius: 9 },
};

/** Gives the station nearest to a place, with what it measured; far from everywhere that is Blindern. */
export function nearest({ place }: { place: string }): { station: string; celsius: number } {
  return MEASURED[place] ?? { station: "Blindern", celsius: -3 };
}
