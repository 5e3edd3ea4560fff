import assert from "node:assert/strict";
import { after, test } from "node:test";
import { DepartureService } from "../gen/flights/v1/departure_pb.ts";
import { startLoneNode } from "../testing/lone-node.ts";
import departures from "./departures.ts";

const node = await startLoneNode(departures);
after(() => node.stop());
const client = node.client(DepartureService);

test("listDepartures goes through the day from the minute asked for", async () => {
  const { departures } = await client.listDepartures({ iata: "ord", fromMinuteOfDay: 720, limit: 5 });
  const minutes = departures.map(({ minuteOfDay }) => minuteOfDay);
  assert.equal(minutes.length, 5);
  assert.ok(minutes.every((minute) => minute >= 720));
  assert.deepEqual(
    minutes,
    [...minutes].sort((a, b) => a - b),
  );
});

test("getPunctuality sums the sample of an airport up", async () => {
  const { departures, onTime, delayMinutesMedian, delayMinutesP90 } = await client.getPunctuality({ iata: "ORD" });
  assert.ok(departures > 500);
  assert.ok(onTime > 0.5 && onTime < 1);
  assert.ok(delayMinutesMedian < delayMinutesP90);
});

test("getPunctuality says when it has no records", async () => {
  await assert.rejects(client.getPunctuality({ iata: "00M" }), {
    code: "not_found",
    message: 'Cannot say how punctual "00M" is: the records of early 2001 have no flight from there',
  });
});
