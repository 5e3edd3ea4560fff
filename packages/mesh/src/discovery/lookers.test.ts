import assert from "node:assert/strict";
import { test } from "node:test";
import type { Link } from "@orrery/core/internal";
import { createManualClock } from "../testing/manual-clock.ts";
import { createAlarms } from "./alarms.ts";
import type { Courier } from "./courier.ts";
import { LOOKER_MS, LOOKERS_MAX } from "./limits.ts";
import { createLookers } from "./lookers.ts";
import type { Member } from "./member.ts";

function makeLookers() {
  const clock = createManualClock();
  const told: { readonly link: Link; readonly entries: number }[] = [];
  const courier = {
    sendPages: (link: Link, entries: readonly Uint8Array[]) => void told.push({ link, entries: entries.length }),
  } as unknown as Courier;
  const lookers = createLookers({ alarms: createAlarms(clock), clock, courier, timing: { gossipMs: 200 } });
  return { clock, lookers, takeTold: () => told.splice(0) };
}

const linkOf = (remote: string) => ({ remote }) as Link;
const memberOf = (node: string) => ({ node, bytes: new Uint8Array(8) }) as unknown as Member;

test("createLookers tells at once what comes first, and all that follows in one, a round later", () => {
  const { clock, lookers, takeTold } = makeLookers();
  const link = linkOf("a");
  lookers.asked(link);
  lookers.tell(memberOf("n0"));
  clock.advance(0);
  assert.deepEqual(takeTold(), [{ link, entries: 1 }]);
  for (const node of ["n1", "n2", "n2"]) lookers.tell(memberOf(node));
  clock.advance(199);
  assert.deepEqual(takeTold(), []);
  clock.advance(1);
  assert.deepEqual(takeTold(), [{ link, entries: 2 }]);
});

test("createLookers tells nobody who has not asked for long, or whose link is gone", () => {
  const { clock, lookers, takeTold } = makeLookers();
  const [early, late, gone] = [linkOf("early"), linkOf("late"), linkOf("gone")];
  lookers.asked(early);
  clock.advance(1);
  lookers.asked(late);
  lookers.asked(gone);
  lookers.lost(gone);
  clock.advance(LOOKER_MS);
  lookers.tell(memberOf("n0"));
  clock.advance(0);
  assert.deepEqual(takeTold(), [{ link: late, entries: 1 }]);
});

test("createLookers tells as many as there may be, and of one more not the one that asked longest ago", () => {
  const { clock, lookers, takeTold } = makeLookers();
  const links = Array.from({ length: LOOKERS_MAX }, (_, index) => linkOf(`l${index}`));
  for (const link of links) lookers.asked(link);
  lookers.tell(memberOf("n0"));
  clock.advance(0);
  assert.equal(takeTold().length, LOOKERS_MAX);
  lookers.asked(linkOf("one more"));
  lookers.tell(memberOf("n1"));
  clock.advance(200);
  const told = takeTold().map(({ link }) => link.remote);
  assert.equal(told.length, LOOKERS_MAX);
  assert.ok(!told.includes("l0") && told.includes("l1") && told.includes("one more"));
});
