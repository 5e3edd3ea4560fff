import type { SystemPackage } from "./lib/debian.ts";

/** What `npm test` starts and npm does not bring. */
export const TEST_PACKAGES: readonly SystemPackage[] = [
  { name: "bubblewrap", probe: ["bwrap", "--version"], because: "apps run in cages that it makes" },
  ...["ceph-mon", "ceph-mgr", "ceph-osd", "radosgw"].map(
    (name): SystemPackage => ({
      name,
      probe: [name, "--version"],
      because: "Ceph is the S3 server that blobs are kept in",
      isOptional: true,
    }),
  ),
  { name: "chromium", probe: ["chromium", "--version"], because: "the core and the pages are tested in a browser" },
  { name: "curl", probe: ["curl", "--version"], because: "the HTTP door is called as a shell calls it" },
  ...["rustc", "libstd-rust-dev-wasm32", "lld"].map(
    (name): SystemPackage => ({
      name,
      probe: name === "rustc" ? ["/usr/bin/rustc", "--version"] : ["dpkg", "-s", name],
      because: "mechtrons in Rust are compiled as their authors do",
      isOptional: true,
    }),
  ),
  ...["zsh", "fish"].map(
    (name): SystemPackage => ({
      name,
      probe: [name, "--version"],
      because: "the command completes in it",
      isOptional: true,
    }),
  ),
  { name: "docker-registry", probe: ["docker-registry", "--version"], because: "images are fetched from it" },
  { name: "e2fsprogs", probe: ["mkfs.ext4", "-V"], because: "volumes of pods are file systems that it makes" },
  { name: "iproute2", probe: ["ip", "-V"], because: "tests look at sockets, and make hosts of namespaces" },
  {
    name: "nats-server",
    probe: ["nats-server", "--version"],
    because: "events are kept in it, and it is one of the peers that are measured",
  },
  { name: "nftables", probe: ["nft", "--version"], because: "hosts of tests lose messages, and are cut off" },
  { name: "pebble", probe: ["pebble", "-h"], because: "certificates are ordered from a server of ACME" },
  {
    name: "postgresql-15",
    probe: ["/usr/lib/postgresql/15/bin/postgres", "--version"],
    because: "a registry works on a server that it did not start",
  },
  { name: "procps", probe: ["ps", "--version"], because: "tests look at the processes of a node" },
  { name: "protobuf-compiler", probe: ["protoc", "--version"], because: "the Python peer compiles the protocol" },
  { name: "python3", probe: ["python3", "--version"], because: "a peer in another language speaks the protocol" },
  {
    name: "python3-protobuf",
    probe: ["python3", "-c", "import google.protobuf"],
    because: "the Python peer's envelopes",
  },
  { name: "python3-zmq", probe: ["python3", "-c", "import zmq"], because: "the Python peer's sockets" },
  { name: "runc", probe: ["runc", "--version"], because: "pods run as its containers" },
  ...["swtpm", "swtpm-tools"].map(
    (name): SystemPackage => ({
      name,
      probe: name === "swtpm" ? ["swtpm", "--version"] : ["dpkg", "-s", name],
      because: "evidence is made by a TPM in software",
    }),
  ),
  { name: "tpm2-tools", probe: ["tpm2_quote", "--version"], because: "it speaks to the TPM" },
];

/** What `npm run bench` and `npm run bench:sim` start besides. */
export const BENCH_PACKAGES: readonly SystemPackage[] = [
  { name: "nginx", probe: ["nginx", "-v"], because: "the web server is measured beside it" },
  { name: "wrk", probe: ["wrk", "-v"], because: "it asks the web servers that are measured" },
  {
    name: "python3-simpy",
    probe: ["/usr/bin/python3", "-c", "import SimPy"],
    because: "SimPy 2, a peer of the simulator",
  },
  {
    name: "python3-simpy3",
    probe: ["/usr/bin/python3", "-c", "import simpy"],
    because: "SimPy 3, a peer of the simulator",
  },
];
