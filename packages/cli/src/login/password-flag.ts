import type { FlagData } from "../command.ts";

/** Where a password is read from. It never stands among the words of a command, which every process may read. */
export const PASSWORD_FLAG: FlagData = {
  name: "password-file",
  kind: "value",
  placeholder: "FILE",
  summary: "Whose first line is the password, - for standard input; else it is asked for, and not shown",
};
