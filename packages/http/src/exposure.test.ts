import assert from "node:assert/strict";
import { test } from "node:test";
import { defineService, json } from "@orrery/core";
import { createExposure } from "./exposure.ts";
import type { HttpRefusal } from "./refusal.ts";
import { LabService } from "./testdata/gen/door/test/v1/lab_pb.ts";

const named = (name: string) => defineService(name, { get: { request: json(), reply: json() } });

test("createExposure finds a method by the contract's name and by its lowerCamelCase", () => {
  const exposure = createExposure([LabService], "node");
  assert.equal(exposure.find("/door.test.v1.LabService/Say"), exposure.find("/door.test.v1.LabService/say"));
  assert.equal(exposure.methods.length, LabService.methods.length);
});

test("createExposure knows the message types of its services, for Any", () => {
  const { registry } = createExposure([LabService], "node");
  assert.ok(registry.getMessage("door.test.v1.Mixed") !== undefined);
  assert.ok(registry.getMessage("google.protobuf.Timestamp") !== undefined);
});

test("createExposure lists so many services and counts the rest", () => {
  const services = Array.from({ length: 25 }, (_, index) => named(`s${index}`));
  const exposure = createExposure(services, "node");
  const refusal = catchRefusal(() => exposure.find("/nothing/get"));
  assert.equal(refusal.status, 404);
  assert.match(refusal.message, /^Cannot find service "nothing": the services here are "s0", .*"s19" and 5 more$/);
});

test("createExposure allows GET where it does no harm", () => {
  const Shelf = defineService("shelf", {
    look: { request: json(), reply: json(), idempotent: true },
    take: { request: json(), reply: json() },
    empty: { mode: "async", request: json(), idempotent: true },
  });
  const exposure = createExposure([LabService, Shelf], "node");
  const verbs = exposure.methods.filter(({ get }) => get !== "never").map(({ name, get }) => [name, get]);
  assert.deepEqual(verbs, [
    ["door.test.v1.LabService.Read", "always"],
    ["door.test.v1.LabService.Tail", "always"],
    ["shelf.look", "sameSite"],
  ]);
});

function catchRefusal(work: () => unknown): HttpRefusal {
  try {
    work();
  } catch (thrown) {
    return thrown as HttpRefusal;
  }
  return assert.fail("nothing was refused");
}
