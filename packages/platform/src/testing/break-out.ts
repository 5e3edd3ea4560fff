/** A program that reads, writes and reaches what it can, and prints what came of it. */
export const BREAK_OUT = `
const fs = require("node:fs");
const net = require("node:net");
const { own, other, data, port, code } = JSON.parse(process.env.ORDER);
const attempt = (does) => { try { does(); return "done"; } catch (error) { return error.code ?? "failed"; } };
const all = (record, how) => Object.fromEntries(Object.entries(record).map(([name, one]) => [name, how(one)]));
const reach = (where) => new Promise((resolve) => {
  const socket = net.connect(where);
  socket.once("connect", () => { socket.destroy(); resolve("done"); });
  socket.once("error", (error) => resolve(error.code));
});
const { pid } = process;
(async () => {
  const read = all({
    own: code, other: other + "/main.txt", secrets: data + "/secrets.key", users: "/etc/shadow", data: "/var/log/dpkg.log",
    past: "/proc/1/root" + data + "/secrets.key", disk: "/dev/vda", memory: "/proc/kcore",
  }, (path) => attempt(() => fs.readSync(fs.openSync(path), Buffer.alloc(1))));
  const wrote = all({
    scratch: "/tmp/mine", journal: own + "/journal/mine", root: "/mine", code: code, usr: "/usr/mine", node: process.execPath,
    device: "/dev/mine", setting: "/proc/sys/kernel/hostname", sysrq: "/proc/sysrq-trigger", other: other + "/mine",
  }, (path) => attempt(() => fs.writeFileSync(path, "mine", { flag: "a" })));
  const places = {
    own: { path: own + "/s/platform" }, other: { path: other + "/s/platform" }, machine: { host: "127.0.0.1", port },
    world: { host: "192.0.2.1", port: 80 },
  };
  const reached = {};
  for (const [name, where] of Object.entries(places)) reached[name] = await reach(where);
  const rights = fs.readFileSync("/proc/self/status", "utf8").match(/^(CapEff|CapBnd|NoNewPrivs):.*$/gm).join("\\n");
  const processes = fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name));
  console.log(JSON.stringify({ read, wrote, reached, processes, variables: Object.keys(process.env).sort(), rights }));
})();
`;

/** Starts processes until it may not. */
export const FORK = `
const { spawn } = require("node:child_process");
const children = [];
let refusal = "none";
while (children.length < 500) {
  const child = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
  child.on("error", (error) => { refusal = error.code; });
  if (child.pid === undefined) break;
  children.push(child);
}
setTimeout(() => { console.log(JSON.stringify({ started: children.length, refusal })); process.exit(0); }, 10);
`;

/** Writes to its scratch until it may not. */
export const FILL = `
const fs = require("node:fs");
const file = fs.openSync("/tmp/filled", "w");
const piece = Buffer.alloc(1024 * 1024, 1);
let bytes = 0;
let refusal = "none";
try { while (bytes < 1e9) bytes += fs.writeSync(file, piece); } catch (error) { refusal = error.code; }
console.log(JSON.stringify({ bytes, refusal }));
`;

/** Takes memory until it may not. */
export const BURST = `
const held = [];
for (let i = 0; i < 4_000; i++) held.push(Buffer.alloc(1024 * 1024, i));
`;

/** Says that it is there, and stays. */
export const HOLD = `
console.log("here");
setInterval(() => undefined, 1_000);
`;
