import { createRealMachine } from "../testing/supervise/real-machine.ts";
import { supervisionSuite } from "../testing/supervise/supervision-suite.ts";

supervisionSuite("real processes", createRealMachine);
