/** Text of `proto/orrery/v1/contract.proto`, which a project's contracts may import; a test compares it with that file. */
export const CONTRACT_PROTO: string = `syntax = "proto3";

// What a contract may import to say more than protobuf itself can say.
package orrery.v1;

import "google/protobuf/descriptor.proto";

// As a method's reply: the method is async. The caller gets this when the message was accepted, before it is handled.
message Accepted {}

// As a method's reply: the method is a broadcast. Every instance gets the message, at most once; nobody is told.
message Broadcast {}

message MethodOptions {
  // How far a message travels when its caller does not say: process, host, network or any.
  string horizon = 1;
  // How long a caller waits when it does not say, in ms.
  uint32 timeout_ms = 2;
  // One sentence for people.
  string summary = 3;
  // Of an async method: the message is acknowledged when it is safe on a disk, and handled although the process dies.
  bool keep = 4;
}

extend google.protobuf.MethodOptions {
  MethodOptions method = 50610;
}
`;

/** Where it lies below a root of protobuf files. */
export const CONTRACT_PROTO_PATH = "orrery/v1/contract.proto";
