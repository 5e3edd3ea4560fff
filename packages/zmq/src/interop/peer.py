"""A peer of Orrery, written from the protocol page alone: `peer.py serve ADDRESS` or `peer.py call ADDRESS`."""
import json, sys, time, zmq
from orrery.control.v1 import control_pb2 as control
from orrery.wire.v1 import envelope_pb2 as wire

BYTES = "application/octet-stream"
SOURCE = wire.Source(node="python", incarnation=int(time.time() * 1000))
HELLO = control.Control(hello={"node": "python", "incarnation": SOURCE.incarnation, "wire": 1}).SerializeToString()
BEGINNINGS = (wire.KIND_REQUEST_UNSPECIFIED, wire.KIND_ONE_WAY, wire.KIND_STREAM_OPEN)


def fingerprint(*parts):
    value = 0xCBF29CE484222325
    for byte in "\n".join(parts).encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def pongs(frames):
    for message in map(control.Control.FromString, frames):
        if message.HasField("ping"):
            pong = {"id": message.ping.id, "sent_us": message.ping.sent_us, "answered_us": time.monotonic_ns() // 1000}
            yield control.Control(pong=pong).SerializeToString()


def answer(request, head):
    def fail(outcome, code, reason, message):
        kind = wire.KIND_STREAM_END if request.kind == wire.KIND_STREAM_OPEN else wire.KIND_REPLY
        told = {"code": code, "reason": reason, "message": message, "definite": True, "where": SOURCE.node}
        return wire.Envelope(id=request.id, kind=kind, failure={"outcome": "OUTCOME_" + outcome, **told})

    if request.wire > 1:
        return fail("BOUNCED", "unimplemented", "wire_version", "Cannot read the message: wire 1 is all it reads")
    if head is None:
        return fail("BOUNCED", "invalid_argument", "unknown_route", "Cannot accept the message: no such route")
    if head.component != "peer.Echo":
        return fail("BOUNCED", "not_found", "no_such_component", f'Cannot call "{head.component}": it is not here')
    if head.method == "Echo":
        return wire.Envelope(id=request.id, kind=wire.KIND_REPLY, body=request.body)
    if head.method == "Fail":
        return fail("ERROR_UNSPECIFIED", "failed_precondition", "", "Cannot do it: this method never can")
    return fail("BOUNCED", "unimplemented", "no_such_method", f'Cannot call "{head.method}": it is not here')


def serve(socket, address):
    socket.bind(address)
    print(socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    routes = {}  # By peer: ROUTER gives each connection a name of its own.
    while True:
        peer, packet = socket.recv_multipart()
        told = wire.Packet.FromString(packet)
        greeting = [] if peer in routes else [HELLO]
        out, heads = wire.Packet(control=[*greeting, *pongs(told.control)]), routes.setdefault(peer, {})
        for request in told.envelopes:
            if request.route and request.HasField("head"):
                heads[request.route] = request.head
            head = request.head if request.HasField("head") else heads.get(request.route)
            if request.kind in BEGINNINGS and not (head and head.method == "Stall"):
                out.envelopes.append(answer(request, head))
        socket.send_multipart([peer, out.SerializeToString()])


def call(socket, address):
    socket.connect(address)
    calls = [("peer.Echo", "Echo"), ("peer.Echo", "Fail"), ("peer.Echo", "Stall"), ("peer.Nobody", "Echo")]
    for number, (component, method) in enumerate(calls, 1):
        head = wire.Head(component=component, method=method, content_type=BYTES, source=SOURCE, agent="python")
        head.fingerprint = fingerprint(component, method, "sync", BYTES, BYTES)
        request = wire.Envelope(id=number, head=head, budget_us=500_000, body=b"from python")
        socket.send(wire.Packet(control=[HELLO], envelopes=[request]).SerializeToString())
        packets = iter(lambda: wire.Packet.FromString(socket.recv()) if socket.poll(500) else None, None)
        reply = next((envelope for packet in packets for envelope in packet.envelopes if envelope.id == number), None)
        told = reply.failure if reply is not None and reply.HasField("failure") else None
        kind = "timeout" if reply is None else wire.Failure.Outcome.Name(told.outcome) if told else "reply"
        print(json.dumps([method, kind, told.reason or told.code if told else reply.body.decode() if reply else ""]))


run, kind = {"serve": (serve, zmq.ROUTER), "call": (call, zmq.DEALER)}[sys.argv[1]]
run(zmq.Context().socket(kind), sys.argv[2])
