import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePod } from "./parse-pod.ts";
import { sealPod } from "./seal-pod.ts";
import { readSealedPod, writeSealedPod } from "./sealed-pod-json.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const POD = parsePod(
  `name: shop
containers:
  web:
    image: registry.test/shop/web:1.2
    command: [node, server.js]
    env: { PORT: 8080 }
    ports: [{ port: 8080, host: shop.test }, { port: 9000 }, { port: 53, protocol: udp }]
    volumes: { data: /data }
    secrets: { token: /run/token }
    health: { path: /healthz }
volumes: { data: 1GiB }
secrets: { token: ./token.txt }
replicas: 2
`,
  { file: "pod.yaml" },
);
const SEALED = sealPod(POD, { images: { web: DIGEST }, secrets: { token: DIGEST } });

describe("readSealedPod", () => {
  it("reads what was written, and nothing more", () => {
    assert.deepEqual(readSealedPod(writeSealedPod(SEALED)), SEALED);
  });

  /** Changes a part of the pod as JSON. */
  const changed = (part: RegExp | string, by: string) => {
    const json = writeSealedPod(SEALED);
    const other = json.replace(part, by);
    assert.notEqual(other, json);
    return other;
  };
  for (const [what, json, code, message] of [
    ["no JSON", "name: hello", "invalid_argument", /it is no JSON$/],
    ["half of it", writeSealedPod(SEALED).slice(0, -9), "invalid_argument", /it is no JSON$/],
    ["another shape", "{}", "invalid_argument", /"pod" is missing/],
    [
      "what a pod has not",
      changed('"replicas":2', '"replicas":2,"privileged":true'),
      "invalid_argument",
      /there is no "pod\.privileged"/,
    ],
    ["too many copies", changed('"replicas":2', '"replicas":65'), "invalid_argument", /from 1 to 64/],
    [
      "a path outside",
      changed("/data", "/data/../../etc"),
      "invalid_argument",
      /is found at "\/data\/\.\.\/\.\.\/etc": write a whole path/,
    ],
    [
      "a volume that is not there",
      changed('"volumes":[{"name":"data"', '"volumes":[{"name":"date"'),
      "invalid_argument",
      /volume "data", which the pod has not/,
    ],
    [
      "a port twice",
      changed('"port":9000', '"port":8080'),
      "invalid_argument",
      /takes tcp port 8080, which another has/,
    ],
    [
      "a host that is none",
      changed('"host":"shop.test"', '"host":"shop test"'),
      "invalid_argument",
      /write a name of a host/,
    ],
    ["http without a host", changed(',"host":"shop.test"', ""), "invalid_argument", /only where, it is for http/],
    ["a variable of the provider's", changed('"PORT"', '"ORRERY_X"'), "invalid_argument", /is one that providers set/],
    [
      "an image without a digest",
      changed(`"images":{"web"`, `"images":{"wet"`),
      "invalid_argument",
      /has no digest of its image/,
    ],
    [
      "another digest",
      changed('"replicas":2', '"replicas":3'),
      "data_loss",
      /it is not what its digest 0x[0-9a-f]{64} says/,
    ],
  ] as const)
    it(`refuses ${what}`, () => {
      assert.throws(() => readSealedPod(json), { code, message });
    });
});
