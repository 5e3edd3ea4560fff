/** What a guest that runs may reach: two functions, and nothing else. */
export interface GuestPorts {
  /** Hands on an encoded request, and gives the encoded reply. It never rejects. */
  call(request: Uint8Array): Promise<Uint8Array>;
  log(level: number, text: string): void;
}

/** Bounds that the place enforces where a guest runs. */
export interface GuestBounds {
  readonly memoryBytes: number;
  readonly replyBytes: number;
  /** Calls that may wait for their answers. */
  readonly callsOpen: number;
  /** How often the engine of a script looks whether it must stop until it does; 0 for no bound. */
  readonly interrupts: number;
}

/** Code that runs, and can be asked, one message at a time. */
export interface GuestInstance {
  /** Answers an encoded request by an encoded reply. @throws GuestFault after which the instance must not be used again. */
  handle(request: Uint8Array): Promise<Uint8Array>;
}
