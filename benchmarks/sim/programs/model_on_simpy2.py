"""The model on SimPy 2: as model_on_simpy3.py, and asked in the same way, with a process for each message. Argument: the number of nodes."""
import random
import sys
import time

from SimPy.Simulation import Process, SimEvent, Simulation, Store, get, hold, put, waitevent

PEERS = 4
size = int(sys.argv[1])
chance = random.Random(1)
sim = Simulation()
sim.initialize()
deliveries = 0


class Cable(Process):
    def carry(self, arrive):
        yield hold, self, round(chance.uniform(1, 10) * 1000)
        step = arrive(self)
        if step is not None:
            yield step


def carry(arrive):
    cable = Cable(sim=sim)
    sim.activate(cable, cable.carry(arrive))


class Server(Process):
    def serve(self, mailbox):
        global deliveries
        while True:
            yield get, self, mailbox, 1
            n, reply = self.got[0]
            deliveries += 1
            carry(lambda cable, answer=n + 1, reply=reply: reply.signal(answer))


class Asker(Process):
    def ask(self, peers):
        global deliveries
        n = 0
        reply = SimEvent(sim=sim)
        while True:
            mailbox = mailboxes[peers[int(chance.random() * len(peers))]]
            carry(lambda cable, mailbox=mailbox, n=n: (put, cable, mailbox, [(n, reply)]))
            yield waitevent, self, reply
            n = reply.signalparam
            deliveries += 1


mailboxes = [Store(sim=sim) for _ in range(size)]
for node in range(size):
    server, asker = Server(sim=sim), Asker(sim=sim)
    sim.activate(server, server.serve(mailboxes[node]))
    peers = [(node + 1 + int(chance.random() * (size - 1))) % size for _ in range(PEERS)]
    sim.activate(asker, asker.ask(peers))
print("ready", flush=True)

for line in sys.stdin:
    seconds = float(line) / 1000
    before, start, cpu = deliveries, time.monotonic(), time.process_time()
    while time.monotonic() - start < seconds:
        for _ in range(256):
            sim.step()
    print(deliveries - before, (time.monotonic() - start) * 1000, (time.process_time() - cpu) * 1000, flush=True)
