/** What each shell is to be told, so that it asks `orrery completion --` what may follow. */
export const SHELL_SCRIPTS = {
  bash: "complete -o default -C 'orrery completion --' orrery\n",
  zsh: `#compdef orrery
_orrery() {
  local -a found
  found=("\${(@f)$(COMP_LINE="\${(j: :)words[1,CURRENT]}" orrery completion -- 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _orrery orrery
`,
  fish: "complete -c orrery -a '(env COMP_LINE=(commandline -cp | string collect) orrery completion -- 2>/dev/null)'\n",
} as const;

/** A shell for which there is one. */
export type Shell = keyof typeof SHELL_SCRIPTS;
