import "reflect-metadata";
import { Controller, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ClientProxyFactory, MessagePattern, Transport } from "@nestjs/microservices";
import { firstValueFrom } from "rxjs";
import type { Contestant } from "../lib/contestant.ts";
import { freePort } from "../lib/free-port.ts";
import { prepareOrder, prepareText } from "../lib/payloads.ts";

/** Characters that may wait in a socket: more than 1,024 messages of 64 KiB. */
const BUFFER_MAX = 512 * 1024 * 1024;

/** NestJS microservices over TCP, which carry JSON. */
export function contestant(): Contestant {
  const optionsOf = (port: number) => ({
    host: "127.0.0.1",
    port,
    maxBufferSize: BUFFER_MAX,
    maxSendBufferSize: BUFFER_MAX,
  });
  return {
    async serve() {
      const port = await freePort();
      const options = { transport: Transport.TCP as const, options: optionsOf(port), logger: false as const };
      const app = await NestFactory.createMicroservice(echoModule(), options);
      await app.listen();
      return { place: String(port) };
    },
    async connect(place) {
      const client = ClientProxyFactory.create({ transport: Transport.TCP, options: optionsOf(Number(place)) });
      await client.connect();
      const echo = (payload: unknown) => firstValueFrom(client.send<unknown>("echo", payload));
      return { prepare: (work) => (work.kind === "order" ? prepareOrder(echo) : prepareText(work, echo)) };
    },
  };
}

/** What `@Module`, `@Controller` and `@MessagePattern` would write, by hand: decorators do not survive type stripping. */
function echoModule(): new () => object {
  class EchoController {
    async echo(payload: unknown): Promise<unknown> {
      return payload;
    }
  }
  class EchoModule {}
  const method = Object.getOwnPropertyDescriptor(EchoController.prototype, "echo") as PropertyDescriptor;
  MessagePattern("echo")(EchoController.prototype, "echo", method);
  Controller()(EchoController);
  Module({ controllers: [EchoController] })(EchoModule);
  return EchoModule;
}
