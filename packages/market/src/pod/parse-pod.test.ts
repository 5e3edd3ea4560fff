import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import fc from "fast-check";
import { checkPod } from "./check-pod.ts";
import { parseImageName, printImageName } from "./image-name.ts";
import { importCompose } from "./import-compose.ts";
import { parsePod } from "./parse-pod.ts";
import { reservedBy, usedAtMostBy } from "./pod-amounts.ts";
import { isSealed, sealPod } from "./seal-pod.ts";

const WHOLE = `name: shop
containers:
  web:
    image: registry.test:5000/shop/web:1.2@sha256:${"a".repeat(64)}
    command: [node, server.js]
    env: { PORT: 8080, VERBOSE: true, GREETING: hello }
    ports:
      - { port: 8080, host: shop.test }
      - { port: 9000 }
      - { port: 5353, protocol: udp }
    volumes: { data: /data, shared: { path: /shared, readOnly: true } }
    secrets: { token: /run/secrets/token }
    cpu: 1.5
    memory: 200MB
    health: { path: /healthz }
  side: { image: ./side, cpu: 250m, memory: 64MiB }
volumes: { data: 1GiB, shared: 100MiB }
secrets: { token: ./token.txt }
replicas: 2
addresses: 1
`;

const SMALL = `name: hello
containers:
  web: { image: ./site, ports: [{ port: 80, host: hello.test }] }
`;

/** A part of SMALL, what stands in its place, and what is told: place and a part of the text. */
const MISTAKES: readonly (readonly [string, string, string, RegExp])[] = [
  ["image:", "imgae:", "3:10", /there is no "containers\.web\.imgae": did you mean "image"\?/],
  ["name: hello", "name: Hello", "1:7", /write a name of small letters, digits and - such as web/],
  ["name: hello\n", "", "1:1", /"name" is missing/],
  ["./site", "../site", "3:17", /is "\.\.\/site": write a folder such as \.\/web/],
  ["./site", "Site:1", "3:17", /in small letters/],
  ["./site", '"site@sha256:12"', "3:17", /NAME@sha256:…/],
  ["port: 80,", "port: 0,", "3:41", /write a whole number from 1 to 65535/],
  ["host: hello.test", "host: hello.test, protocol: udp", "3:73", /is udp, but only http has a host/],
  ["host: hello.test", "protocol: http", "3:33", /is for http and has no host: write one/],
  [
    "[{ port: 80, host: hello.test }]",
    "[{ port: 80 }, { port: 80 }]",
    "3:47",
    /takes tcp port 80, which containers\.web\.ports\[0\] has/,
  ],
  ["ports:", "cpu: lots, ports:", "3:30", /is lots: write cores such as 1\.5, or thousandths of one such as 500m/],
  ["ports:", "cpu: 0, ports:", "3:30", /is 0: write from 1m to 256/],
  ["ports:", "memory: 12 parsecs, ports:", "3:33", /write a size such as 256MiB/],
  [
    "ports:",
    "volumes: { data: /data }, ports:",
    "3:42",
    /is none of the pod's volumes: write it in volumes of the pod/,
  ],
  ["ports:", "env: { ORRERY_LEASE: x }, ports:", "3:46", /is one that providers set/],
  [
    "containers:",
    "volumes: { data: 1GiB }\ncontainers:",
    "2:18",
    /is found by no container: name it in one, or leave it out/,
  ],
  ["containers:", "secrets: { token: /etc/passwd }\ncontainers:", "2:19", /outside of this file's folder/],
  ["containers:", "replicas: 0\ncontainers:", "2:11", /write a whole number from 1 to 64/],
];

describe("parsePod", () => {
  it("fills in what is left out, and rounds sizes up", () => {
    const pod = parsePod(SMALL, { file: "pod.yaml" });
    assert.deepEqual(pod, {
      name: "hello",
      containers: [
        {
          name: "web",
          image: { source: "./site" },
          env: {},
          ports: [{ protocol: "http", port: 80, host: "hello.test" }],
          mounts: [],
          cpu: 100,
          memoryMiB: 128,
          gpus: 0,
        },
      ],
      volumes: [],
      secrets: [],
      replicas: 1,
      addresses: 0,
      traffic: { egressKiB: 1024 ** 2, ingressKiB: 1024 ** 2 },
    });
    const [web] = parsePod(WHOLE, { file: "pod.yaml" }).containers;
    assert.deepEqual([web?.cpu, web?.memoryMiB, web?.env["PORT"], web?.health?.port], [1_500, 191, "8080", 8080]);
    assert.deepEqual(
      web?.mounts.map(({ path, isReadOnly }) => [path, isReadOnly]),
      [
        ["/data", false],
        ["/shared", true],
        ["/run/secrets/token", true],
      ],
    );
  });

  for (const [part, instead, place, why] of MISTAKES)
    it(`tells of ${JSON.stringify(instead)}`, () => {
      assert.throws(
        () =>
          parsePod(
            SMALL.replace(part, () => instead),
            { file: "pod.yaml" },
          ),
        (error) => isOrreryError(error) && error.message.includes(`pod.yaml:${place}`) && why.test(error.message),
      );
    });

  it("proposes the name that is near, with a caret", () => {
    const text = WHOLE.replace("volumes: { data: /data,", "volumes: { daat: /data,");
    assert.throws(() => parsePod(text, { file: "pod.yaml" }), /did you mean "data"\?\n.*daat.*\n\s+\^/);
  });
});

describe("amounts of a pod", () => {
  it("are of each copy what its containers take, and once what copies share", () => {
    const pod = parsePod(WHOLE, { file: "pod.yaml" });
    assert.deepEqual(reservedBy(pod), { cpu: 3_500n, memory: 510n, gpu: 0n, storage: 1_124n, ip: 1n });
    assert.deepEqual(usedAtMostBy(pod), { egress: 1_048_576n, ingress: 1_048_576n });
  });
});

describe("parseImageName", () => {
  it("reads what it writes", () => {
    const names = fc.stringMatching(
      /^[a-z0-9]{1,8}(\.[a-z0-9]{1,8}){0,2}(:\d{1,5})?(\/[a-z0-9]{1,6}([._-][a-z0-9]{1,4})?){0,3}$/,
    );
    const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][\w.-]{0,12}$/), { nil: undefined });
    const digest = fc.option(fc.stringMatching(/^sha256:[0-9a-f]{64}$/), { nil: undefined });
    const property = fc.property(names, tag, digest, (source, of, by) => {
      const text = printImageName({ source, ...(of && { tag: of }), ...(by && { digest: by }) });
      const read = parseImageName(text);
      assert.ok(read !== undefined, text);
      assert.equal(printImageName(read), text);
    });
    fc.assert(property);
  });
});

describe("sealPod", () => {
  const DIGEST = `sha256:${"a".repeat(64)}`;
  const OTHER = `sha256:${"b".repeat(64)}`;
  const digests = { images: { web: DIGEST, side: OTHER }, secrets: { token: OTHER } };
  const pod = () => parsePod(WHOLE, { file: "pod.yaml" });

  it("names a pod by all that is run, whatever the order of names and wherever its files lay", () => {
    const sealed = sealPod(pod(), digests);
    assert.ok(isSealed(sealed));
    const turned = { ...pod(), containers: [...pod().containers].reverse(), volumes: [...pod().volumes].reverse() };
    assert.equal(sealPod(turned, digests).digest, sealed.digest);
    const elsewhere = parsePod(WHOLE.replace("./token.txt", "secret/token.txt"), { file: "pod.yaml" });
    assert.equal(sealPod(elsewhere, digests).digest, sealed.digest);
    for (const changed of [
      sealPod({ ...pod(), replicas: 3 }, digests),
      sealPod(pod(), { ...digests, secrets: { token: DIGEST } }),
      sealPod(parsePod(WHOLE.replace("hello", "bye"), { file: "pod.yaml" }), digests),
    ])
      assert.notEqual(changed.digest, sealed.digest);
    assert.equal(isSealed({ ...sealed, pod: { ...sealed.pod, replicas: 3 } }), false);
  });

  it("takes no image but the one that the pod file says, and nothing without a digest", () => {
    const wrong = { ...digests, images: { web: OTHER, side: OTHER } };
    assert.throws(
      () => sealPod(pod(), wrong),
      /image of container "web": it is sha256:b.*and the pod file says sha256:a/,
    );
    assert.throws(() => sealPod(pod(), { ...digests, secrets: {} }), /secret "token" has no digest.*upload it first/);
    assert.throws(
      () => sealPod(pod(), { ...digests, images: { web: DIGEST } }),
      /image of container "side" has no digest/,
    );
  });
});

const COMPOSE = `name: My Shop
services:
  web_app:
    image: registry.test/shop/web:1.2
    command: node server.js --port 8080
    environment: [GREETING=hello, SECRET_OF_SHELL, "A=b=c"]
    ports: ["127.0.0.1:8080:8080", "53:53/udp", { target: 9000 }]
    volumes: [data:/data, ./src:/src, "shared:/shared:ro"]
    secrets: [api_token]
    deploy: { replicas: 2, resources: { limits: { cpus: "0.5", memory: 512M } } }
    depends_on: [cache]
  cache:
    image: cache
    command: ["cache-server", "--save", ""]
    entrypoint: "sh -c 'exec \\"$@\\"' --"
    privileged: true
volumes: { data: {}, shared: {} }
secrets: { api_token: { file: ./token.txt } }
networks: { default: {} }
`;

describe("importCompose", () => {
  it("makes a pod file that says the same, and tells what it leaves out", () => {
    const { text, notes } = importCompose(COMPOSE, { file: "compose.yaml" });
    const pod = parsePod(text, { file: "pod.yaml" });
    assert.deepEqual([pod.name, pod.replicas, pod.volumes.map(({ name }) => name)], ["my-shop", 2, ["data", "shared"]]);
    const [web, cache] = pod.containers;
    assert.deepEqual(web?.command, ["node", "server.js", "--port", "8080"]);
    assert.deepEqual(web?.env, { GREETING: "hello", A: "b=c" });
    assert.deepEqual(web?.ports, [
      { protocol: "tcp", port: 8080 },
      { protocol: "udp", port: 53 },
      { protocol: "tcp", port: 9000 },
    ]);
    assert.deepEqual([web?.cpu, web?.memoryMiB], [500, 512]);
    assert.deepEqual(
      web?.mounts.map(({ name, path, isReadOnly }) => [name, path, isReadOnly]),
      [
        ["data", "/data", false],
        ["shared", "/shared", true],
        ["api-token", "/run/secrets/api_token", true],
      ],
    );
    assert.deepEqual(cache?.command?.slice(0, 2), ["sh", "-c"]);
    assert.deepEqual(pod.secrets, [{ name: "api-token", file: "token.txt" }]);
    for (const [line, what] of [
      [6, /SECRET_OF_SHELL" comes from the shell/],
      [7, /port 8080 may be of HTTP: write its host/],
      [8, /"\.\/src", a folder of your machine/],
      [11, /depends_on" is left out/],
      [16, /privileged" is left out/],
      [19, /"networks" is left out/],
    ] as const)
      assert.ok(
        notes.some((note) => note.startsWith(`compose.yaml:${line}: `) && what.test(note)),
        `${what} ${notes}`,
      );
    assert.ok(notes.some((note) => /all of a pod is copied alike: replicas is 2/.test(note)));
  });

  it("refuses what is no compose file", () => {
    assert.throws(() => importCompose("a: 1", { file: "x.yaml" }), /Cannot import "x\.yaml": it has no services/);
    assert.throws(() => importCompose("a: [", { file: "x.yaml" }), /Cannot import "x\.yaml": /);
    assert.throws(() => importCompose("services: { web: }", { file: "x.yaml" }), /its service "web" says nothing/);
  });
});

describe("checkPod", () => {
  it("gives every mistake with its place and what was meant, and the pod where there is none", () => {
    const check = checkPod(SMALL.replace("image", "imgae").replace("name:", "nmae:"), { file: "pod.yaml" });
    assert.ok(check.kind === "bad");
    assert.deepEqual(
      check.mistakes.map(({ line, column }) => [line, column]),
      [
        [1, 1],
        [1, 1],
        [3, 8],
        [3, 10],
      ],
    );
    assert.ok(check.mistakes.some(({ why }) => /imgae": did you mean "image"\?/.test(why)));
    const good = checkPod(SMALL, { file: "pod.yaml" });
    assert.ok(good.kind === "good" && good.pod.name === "hello");
    const long = checkPod("#".repeat(300_000), { file: "pod.yaml" });
    assert.match(long.kind === "bad" ? (long.mistakes[0]?.why ?? "") : "", /longer than/);
  });
});
