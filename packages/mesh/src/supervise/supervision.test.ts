import { supervisionSuite } from "../testing/supervise/supervision-suite.ts";
import { createWorldMachine } from "../testing/supervise/world-machine.ts";

supervisionSuite("modelled processes in a world", () => createWorldMachine());
