/** Looking at a node and changing it while it runs: the contract of operators, and the component that keeps it. */
export {
  type Candidate,
  type Circuit,
  type CircuitsResponse,
  type DeadMessage,
  Draining,
  type ExplainResponse,
  type Member,
  Move,
  OperateService,
  Settle,
  type Span,
  type StatusResponse,
  type Throttle,
} from "./gen/orrery/operate/v1/operate_pb.ts";
export {
  createOperateComponent,
  OPERATE,
  type Operated,
  type OperateOptions,
  type OperateParts,
} from "./operate/operate-component.ts";
export type { Usage } from "./operate/system-usage.ts";
