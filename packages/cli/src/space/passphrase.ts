import type { SecretBox } from "@orrery/registry";
import type { CommandInput } from "../command.ts";
import { usageError } from "../command-error.ts";
import { readPassword } from "../login/read-password.ts";
import type { Terminal } from "../terminal.ts";
import { PASSPHRASE_LENGTH_MIN } from "./limits.ts";
import { openPassphraseBox } from "./system-passphrase.ts";

/** The box of a passphrase that --passphrase-file names; undefined where it is not given. @throws CommandError for a short one */
export async function readPassphrase(
  input: CommandInput,
  terminal: Terminal,
  salt: string,
): Promise<SecretBox | undefined> {
  if (input.text("passphrase-file") === undefined) return undefined;
  const said = await readPassword(terminal, { input, flag: "passphrase-file", prompt: "Passphrase" });
  if (said.length >= PASSPHRASE_LENGTH_MIN) return openPassphraseBox(said, salt);
  throw usageError(
    `Cannot use that passphrase: it has ${said.length} characters, at least ${PASSPHRASE_LENGTH_MIN} are needed`,
  );
}
