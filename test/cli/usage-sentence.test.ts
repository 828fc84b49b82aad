// What users are told of a wrong command line: commander's errors, reworded. Wrong lines never run a command.

import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandTree } from '../../src/cli/main.ts';
import { usageSentence } from '../../src/cli/usage-sentence.ts';

async function sentenceFor(argv: readonly string[]): Promise<string> {
  const program = commandTree();
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return usageSentence(error, program, argv);
    throw error;
  }
  throw new Error('This command line is right.');
}

describe('a wrong command line', () => {
  it.each([
    ['srve', /There is no command "srve"\. Did you mean serve\?/],
    ['nonsense', /There is no command "nonsense"\. See roomchat --help\./],
    ['admin brodcast lobby hi', /Did you mean broadcast\?/],
    ['help nosuch', /There is no command "nosuch"\. See roomchat --help\./],
    ['help sevre', /There is no command "sevre"\. Did you mean serve\?/],
    ['help admin nosuch', /There is no command "nosuch"\. See roomchat admin --help\./],
    ['admin help kik', /There is no command "kik"\. Did you mean kick\?/],
    ['admin nonsense', /See roomchat admin --help\./],
    ['serve --prt 1', /There is no option --prt\. Did you mean --port\?$/],
    [
      'say lobby --nonsense',
      /There is no option --nonsense\. Put -- before a message that starts with a dash\. See roomchat say --help\.$/,
    ],
    ['admin broadcast lobby -hmm', /Put -- before a message that starts with a dash\./],
    ['serve extra', /"serve" takes no arguments, not 1\. See roomchat serve --help\./],
    ['serve --port', /--port needs a value: <number>\./],
    ['serve --port 99999', /--port takes a whole number from 0 to 65535, not "99999"\. See roomchat serve --help\./],
    ['serve --port 80a', /not "80a"\./],
    ['serve --port -1', /not "-1"\./],
    ['serve --sync maybe', /--sync takes interval, always or off, not "maybe"\./],
    ['serve --allow-origin https://me@example.com', /--allow-origin takes a scheme and a host, as in https/],
    ['serve --allow-origin http://a:99999', /--allow-origin takes a scheme and a host, as in https/],
    [
      'serve --allow-origin example.com',
      /--allow-origin takes a scheme and a host, as in https:\/\/chat\.example\.com, not/,
    ],
    ['serve --data x --ephemeral', /Give either --ephemeral or --data, not both\./],
    ['join', /The <room> is missing\. See roomchat join --help\./],
    ['join lobby --last many', /--last takes a whole number from 0/],
    ['join lobby --bell loud', /--bell takes on, mention or off, not "loud"\./],
    ['say lobby --timeout soon hi', /--timeout takes a whole number/],
    ['completion csh', /<shell> takes bash, zsh or fish, not "csh"\./],
  ])('%s', async (line, sentence) => {
    const text = await sentenceFor(line.split(' '));
    expect(text).toMatch(sentence);
    expect(text).not.toMatch(/error:|\n|commander|argument '/);
  });
});

describe('a name that is not allowed', () => {
  it.each([
    ['join', 'a/b'],
    ['join', '.hidden'],
    ['join', ''],
    ['join', 'x'.repeat(65)],
    ['join', '*'],
    ['say', 'a b', 'hi'],
    ['admin', 'clients', '..'],
    ['join', 'lobby', '--nick', 'server'],
    ['join', 'lobby', '--nick', 'a/b'],
    ['join', 'lobby', '--nick', ''],
  ])('%s %s %s %s', async (...words) => {
    expect(await sentenceFor(words)).toMatch(/(room name|nick).*\. See roomchat (join|say|admin clients) --help\.$/);
  });
});
