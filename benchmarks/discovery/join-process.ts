// One of two processes that join: Orrery by a seed address, Moleculer by its TCP gossip and a known address.
import { defineComponent, defineService, json } from "@orrery/core";
import { createMeshNode } from "@orrery/mesh";
import { ServiceBroker } from "moleculer";
import { freePort } from "../lib/free-port.ts";

const [which, role, place = ""] = process.argv.slice(2);
const say = (text: string | number) => process.stdout.write(`${text}\n`);
const Work = defineService("work", { echo: { request: json<string>(), reply: json<string>() } });

const runOrrery = async () => {
  const beganMs = performance.now();
  const components = role === "server" ? [defineComponent(Work, () => ({ echo: (text) => text }))] : [];
  const node = await createMeshNode({
    components,
    listen: ["tcp://127.0.0.1:0"],
    seeds: place === "" ? [] : [place],
  });
  await node.start();
  if (role === "server") return say(node.addresses[0] ?? "");
  await node.client(Work).echo("a");
  return say(performance.now() - beganMs);
};

const runMoleculer = async () => {
  const port = await freePort();
  const beganMs = performance.now();
  const options = { udpDiscovery: false, useHostname: false, port, urls: place };
  const broker = new ServiceBroker({ nodeID: role ?? "", logger: false, transporter: { type: "TCP", options } });
  if (role === "server")
    broker.createService({ name: "work", actions: { echo: (context: { params: unknown }) => context.params } });
  await broker.start();
  if (role === "server") return say(`127.0.0.1:${port}/server`);
  await broker.waitForServices("work");
  await broker.call("work.echo", { text: "a" });
  return say(performance.now() - beganMs);
};

await (which === "orrery" ? runOrrery() : runMoleculer());
