const STATIONS = new Map([
  ["Oslo", { station: "Blindern", celsius: -3 }],
  ["London", { station: "Heathrow", celsius: 9 }],
]);

export function nearest({ place }: { place: string }) {
  return STATIONS.get(place) ?? { station: "none", celsius: 0 };
}
