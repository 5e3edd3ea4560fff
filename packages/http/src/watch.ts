import type { Duplex } from "node:stream";

/** A connection, with what came and went on it so far. */
export interface DoorConnection extends Pick<Duplex, "once"> {
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** A call that came by a door. */
export interface DoorCall {
  /** Service and method, such as `demo.Greeter.greet`. */
  readonly name: string;
  /** What is said in it, as its contract has it. */
  readonly message: unknown;
  /** In whose name it is made. */
  readonly agent: string | undefined;
}

/** Hears of what happens on the connections of a door. What it throws fails the call. */
export interface DoorWatch {
  /** A connection is there. */
  open(connection: DoorConnection): void;
  /** A call was read, and is made when this is done. */
  begin(connection: DoorConnection, call: DoorCall): void | Promise<void>;
  /** A request was answered, whatever it was. */
  end(connection: DoorConnection): void;
}
