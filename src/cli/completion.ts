// `roomchat completion`: a shell's completion script, made from the command tree itself, so that the two cannot differ.

import { Argument, type Command, type Option } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const EXAMPLES = `
Examples:
  $ roomchat completion bash > ~/.local/share/bash-completion/completions/roomchat
  $ roomchat completion zsh > "\${fpath[1]}/_roomchat"
  $ roomchat completion fish > ~/.config/fish/completions/roomchat.fish`;

export function defineCompletion(program: Command): void {
  program
    .command('completion')
    .description("Print a shell's completion script.")
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => {
      process.stdout.write(scriptFor(shell, nodesOf(program)));
    });
}

/** A command with what may follow it; `path` is its words after `roomchat`. */
interface Node {
  readonly path: string;
  readonly children: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly Option[];
}

function nodesOf(command: Command, path: readonly string[] = []): Node[] {
  const help = command.createHelp();
  const children = help
    .visibleCommands(command)
    .map((child) => ({ name: child.name(), description: child.description() }));
  const node: Node = { path: path.join(' '), children, options: help.visibleOptions(command) };
  return [node, ...command.commands.flatMap((child) => nodesOf(child, [...path, child.name()]))];
}

function scriptFor(shell: Shell, nodes: readonly Node[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(nodes);
    case 'zsh':
      return zshScript(nodes);
    case 'fish':
      return fishScript(nodes);
  }
}

function bashScript(nodes: readonly Node[]): string {
  return `# Completion of roomchat.
_roomchat() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${path:+$path }\${COMP_WORDS[i]}" in
      ${paths(nodes).map(quoted).join('|')}) path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  local words=
  case "$path" in
${nodes.map(bashCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _roomchat roomchat
`;
}

function paths(nodes: readonly Node[]): string[] {
  return nodes.map(({ path }) => path).filter((path) => path !== '');
}

function bashCase({ path, children, options }: Node): string {
  const words = [...children.map(({ name }) => name), ...options.flatMap(flagsOf)].join(' ');
  const values = options.filter(hasChoices).map((option) => {
    const flags = flagsOf(option).join('|');
    return `        ${flags}) words=${quoted((option.argChoices ?? []).join(' '))} ;;`;
  });
  // Where a flag takes something free, the shell completes files.
  const free = options.filter((option) => option.required && !hasChoices(option)).flatMap(flagsOf);
  if (free.length > 0) values.push(`        ${free.join('|')}) words= ;;`);
  return `    ${quoted(path)})
      case "$previous" in
${[...values, `        *) words=${quoted(words)} ;;`].join('\n')}
      esac ;;`;
}

/** From $fpath zsh runs the file itself as the function, at the first Tab: then it also has to complete. */
function zshScript(nodes: readonly Node[]): string {
  return `#compdef roomchat
autoload -U +X bashcompinit && bashcompinit
${bashScript(nodes)}if [[ \${funcstack[1]} = _roomchat ]]; then _bash_complete -o default -F _roomchat; fi
`;
}

function fishScript(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, children, options }) => {
    const words = path === '' ? [] : path.split(' ');
    const inside = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const outside =
      children.length === 0 ? [] : [`not __fish_seen_subcommand_from ${children.map(({ name }) => name).join(' ')}`];
    const condition = quoted([...inside, ...outside].join('; and ') || 'true');
    return [
      ...children.map(
        ({ name, description }) => `complete -c roomchat -f -n ${condition} -a ${name} -d ${quoted(description)}`,
      ),
      ...options.map((option) => `complete -c roomchat -n ${condition} ${fishOption(option)}`),
    ];
  });
  return `# Completion of roomchat.\n${lines.join('\n')}\n`;
}

function fishOption(option: Option): string {
  const parts = [
    option.short ? `-s ${option.short.slice(1)}` : '',
    option.long ? `-l ${option.long.slice(2)}` : '',
    option.required ? '-r' : '',
    hasChoices(option) ? `-f -a ${quoted((option.argChoices ?? []).join(' '))}` : '',
    `-d ${quoted(option.description)}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function hasChoices(option: Option): boolean {
  return (option.argChoices?.length ?? 0) > 0;
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

/** For all three shells: in single quotes, with those of the text outside. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
