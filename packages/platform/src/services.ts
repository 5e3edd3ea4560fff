/** The contracts by which a network uses what Spaces keep: all that a program needs which calls one. */
export {
  type Change as ConfigChangeMessage,
  type ChangedPath as ChangedPathMessage,
  ConfigService,
} from "./gen/orrery/config/v1/config_pb.ts";
