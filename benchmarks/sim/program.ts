/** What is counted in a window, by name. */
export type Counts = Readonly<Record<string, number>>;

/** Something that is measured: it works on its own, one window after another. */
export interface Program {
  /** Works for about so many ms of the machine's time, once at least, and tells what it has done since. */
  run(windowMs: number): Promise<Counts>;
}

/** What a file in `programs/` exports as `program`: makes the program, for as many nodes, timers or operations as `size` says. */
export type ProgramFactory = (options: ProgramOptions) => Promise<Program> | Program;

/** How a program is made. */
export interface ProgramOptions {
  readonly size: number;
  readonly variant: string;
}

/** Gives what tells whether a window is over, looking at the clock only now and then. */
export function createWindow(windowMs: number, callsPerLook = 256): () => boolean {
  const endMs = performance.now() + windowMs;
  let calls = 0;
  return () => ++calls % callsPerLook === 0 && performance.now() >= endMs;
}
