/** Something that a component needs and that is not so. */
export interface EnvironmentProblem {
  readonly kind: "engine" | "packages" | "variable" | "file" | "port" | "disk" | "memory" | "reach" | "check";
  /** Name, path or number of it. */
  readonly what: string;
  /** How it is, such as `is missing`. */
  readonly why: string;
  /** What would work. */
  readonly fix: string;
}

/** One line for people: what, why, and what would work. */
export function printProblem({ kind, what, why, fix }: EnvironmentProblem): string {
  return `${kind} ${what} ${why}: ${fix}`;
}
