"""Google's own protobuf: reads each reply, writes it again, and tells what it read as JSON."""
import json
import sys

from google.protobuf import json_format
from relay.v1 import relay_pb2

for line in sys.stdin:
    reply = relay_pb2.EchoReply.FromString(bytes.fromhex(line))
    print(json.dumps({"hex": reply.SerializeToString().hex(), "json": json_format.MessageToDict(reply)}))
