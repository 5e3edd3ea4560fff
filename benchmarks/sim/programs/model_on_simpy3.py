"""The model on SimPy. Arguments: the number of nodes, and how what is on its way is modelled:

process   by a process for each message, as the cable of SimPy's own documentation does
callback  by a callback of a timeout, which is less to do

Each line of stdin is the length of a window in ms; each is answered by a line with the deliveries, the ms that they took, and the CPU time
in ms.
"""
import random
import sys
import time

import simpy

PEERS = 4
size, way = int(sys.argv[1]), sys.argv[2]
chance = random.Random(1)
env = simpy.Environment()
mailboxes = [simpy.Store(env) for _ in range(size)]
deliveries = 0


def carry_by_process(put, value):
    env.process(cable(put, value))


def cable(put, value):
    yield env.timeout(round(chance.uniform(1, 10) * 1000))
    put(value)


def carry_by_callback(put, value):
    env.timeout(round(chance.uniform(1, 10) * 1000), value).callbacks.append(lambda event: put(event.value))


carry = {"process": carry_by_process, "callback": carry_by_callback}[way]


def serve(mailbox):
    global deliveries
    while True:
        n, reply = yield mailbox.get()
        deliveries += 1
        carry(reply.succeed, n + 1)


def ask(peers):
    global deliveries
    n = 0
    while True:
        mailbox = mailboxes[peers[int(chance.random() * len(peers))]]
        reply = env.event()
        carry(mailbox.put, (n, reply))
        n = yield reply
        deliveries += 1


for node in range(size):
    env.process(serve(mailboxes[node]))
    env.process(ask([(node + 1 + int(chance.random() * (size - 1))) % size for _ in range(PEERS)]))
print("ready", flush=True)

for line in sys.stdin:
    seconds = float(line) / 1000
    before, start, cpu = deliveries, time.monotonic(), time.process_time()
    while time.monotonic() - start < seconds:
        for _ in range(256):
            env.step()
    print(deliveries - before, (time.monotonic() - start) * 1000, (time.process_time() - cpu) * 1000, flush=True)
