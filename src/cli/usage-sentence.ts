// What commander says of a wrong command line, as one sentence that says what to do. Never prints it.

import type { Command, CommanderError } from 'commander';

/** Characters of an error's beginning and of its end that are read: what was given stands between, however long. */
const MOST_OF_EACH_END = 400;

/** How commander words its errors, each with what a user is told instead. */
const WORDINGS: readonly (readonly [RegExp, (found: readonly string[]) => string])[] = [
  [
    /^option '(.+)' argument '(.*)' is invalid\. (.*)$/s,
    ([flags = '', given = '', why = '']) => wrongValue(nameOf(flags), given, why),
  ],
  [
    /^command-argument value '(.*)' is invalid for argument '(.+)'\. (.*)$/s,
    ([given = '', name = '', why = '']) => wrongValue(`<${name}>`, given, why),
  ],
  [
    /^option '(.+)' argument missing$/,
    ([flags = '']) => `${nameOf(flags)} needs a value: ${/<.+>/.exec(flags)?.[0] ?? flags}.`,
  ],
  [
    /^option '(.+)' cannot be used with option '(.+)'$/,
    ([one = '', other = '']) => `Give either ${nameOf(one)} or ${nameOf(other)}, not both.`,
  ],
  [/^missing required argument '(.+)'$/, ([name = '']) => `The <${name}> is missing.`],
  [/^unknown option '(.+)'$/s, ([flag = '']) => `There is no option ${flag}.`],
  [/^unknown command '(.+)'$/s, ([name = '']) => `There is no command "${name}".`],
  [
    /^too many arguments for '(.+)'\. Expected (\d+).* but got (\d+)\.$/,
    ([name = '', most = '', got = '']) =>
      `"${name}" takes ${most === '0' ? 'no arguments' : `${most} at most`}, not ${got}.`,
  ],
];

/** `argv` is what was given, for the help and the hint that fit. */
export function usageSentence(error: CommanderError, program: Command, argv: readonly string[]): string {
  const [text = '', suggestion] = shortened(error.message)
    .replace(/^error: /, '')
    .split(/\n\(Did you mean (.+?)\?\)$/s);
  const command = commandOf(program, argv);
  const takesText = command.registeredArguments.some((argument) => argument.variadic);
  return [
    reworded(text.trim()),
    suggestion === undefined ? '' : `Did you mean ${suggestion}?`,
    takesText && error.code === 'commander.unknownOption' ? 'Put -- before a message that starts with a dash.' : '',
    suggestion === undefined ? `See ${pathOf(command)} --help.` : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** Before any pattern sees it: some would try each of the places in a long value where it might end. */
function shortened(text: string): string {
  if (text.length <= 2 * MOST_OF_EACH_END) return text;
  return `${text.slice(0, MOST_OF_EACH_END)}…${text.slice(-MOST_OF_EACH_END)}`;
}

function reworded(text: string): string {
  for (const [pattern, say] of WORDINGS) {
    const found = pattern.exec(text);
    if (found !== null) return say(found.slice(1));
  }
  return text;
}

/** A reason that speaks of "It" is of the flag; any other is a whole sentence about the value. */
function wrongValue(what: string, given: string, why: string): string {
  const choices = /^Allowed choices are (.+)\.$/.exec(why)?.[1];
  const reason = choices === undefined ? why : `It takes ${choices.replace(/, ([^,]+)$/, ' or $1')}.`;
  return reason.startsWith('It takes ') ? `${what}${reason.slice(2, -1)}, not "${given}".` : reason;
}

/** `--port` of `-p, --port <number>`. */
function nameOf(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

/** The command that the line names, as far as its words go. */
function commandOf(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (const word of argv) {
    // Whoever asks for the help of a command wants that command's.
    if (word === 'help') continue;
    const next = command.commands.find((child) => child.name() === word);
    if (next === undefined) break;
    command = next;
  }
  return command;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
