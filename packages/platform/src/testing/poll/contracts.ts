import { defineService, json } from "@orrery/core";

/** Takes votes, and hands them on until it is told that they are in the box. */
export const Desk = defineService("poll.desk", {
  vote: { request: json<{ id: string; choice: string }>(), reply: json<Record<string, never>>() },
});

/** Keeps votes. */
export const Box = defineService("poll.box", {
  put: { request: json<{ id: string; choice: string }>(), reply: json<Record<string, never>>() },
  tally: { request: json<Record<string, never>>(), reply: json<Readonly<Record<string, number>>>() },
});
