// The completion scripts in the shells that they are for: what is offered after the words typed so far.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../support/command.ts';
import { hasProgram } from '../../support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'roomchat-completion-'));
const scriptOf = (shell: string) => join(folder, `${shell}-script`);

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await run(['completion', shell]);
    writeFileSync(scriptOf(shell), stdout);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const outputOf = (program: string, args: readonly string[]) =>
  execFileSync(program, args, { encoding: 'utf8', cwd: folder, env: { PATH: process.env.PATH, HOME: folder } });

/** What each shell offers for the last word of the line. */
const SHELLS = {
  bash: (words: readonly string[]) => {
    const line = words.map((word) => `'${word}'`).join(' ');
    const call = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _roomchat; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return outputOf('bash', ['--norc', '-c', `source ${scriptOf('bash')}; ${call}`]);
  },
  fish: (words: readonly string[]) =>
    outputOf('fish', ['--no-config', '-c', `source ${scriptOf('fish')}; complete -C '${words.join(' ')}'`]),
} as const;

for (const shell of ['bash', 'fish'] as const) {
  describe.skipIf(!hasProgram(shell))(shell, () => {
    const offered = (...words: string[]) =>
      SHELLS[shell](['roomchat', ...words])
        .split('\n')
        .map((line) => line.split('\t')[0])
        .filter((word) => word !== '' && word !== undefined)
        .sort();

    it('completes subcommands', () => {
      expect(offered('s')).toEqual(['say', 'serve']);
      expect(offered('')).toEqual(expect.arrayContaining(['admin', 'completion', 'join', 'say', 'serve']));
      expect(offered('admin', 'd')).toEqual(['delete', 'dm']);
    });

    it('completes the flags of the subcommand, and no others', () => {
      expect(offered('serve', '--tls')).toEqual(['--tls-cert', '--tls-key']);
      expect(offered('join', '--tls')).toEqual([]);
      expect(offered('admin', 'rooms', '--tok')).toEqual(['--token', '--token-file']);
    });

    it('completes what a flag may be', () => {
      expect(offered('serve', '--sync', 'a')).toEqual(['always']);
      expect(offered('join', 'lobby', '--bell', 'o')).toEqual(['off', 'on']);
    });
  });
}

// In zsh a completion runs on a terminal alone.
it.skipIf(!hasProgram('zsh'))(
  'zsh completes at the first Tab, with the script where the help says to put it',
  async () => {
    const functions = join(folder, 'functions');
    mkdirSync(functions);
    copyFileSync(scriptOf('zsh'), join(functions, '_roomchat'));
    const env = { PATH: process.env.PATH, HOME: folder, TERM: 'xterm' };
    const zsh = spawn('zsh', ['-f'], { name: 'xterm', cols: 100, rows: 30, env });
    let output = '';
    let check = (): void => {};
    zsh.onData((data) => {
      output += data;
      check();
    });
    const shows = (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`Waited for ${pattern} in ${JSON.stringify(output)}`)), 15_000);
        check = () => {
          if (!pattern.test(output)) return;
          clearTimeout(timer);
          resolve();
        };
        check();
      });
    zsh.write(`fpath=(${functions} $fpath); autoload -U compinit && compinit -u -d ${folder}/another; echo rea''dy\r`);
    await shows(/ready\r\n/);
    // The rest of the word alone: zsh does not write again what stands there.
    for (const [typed, rest] of [
      ['roomchat admin broad', /cast/],
      ['roomchat serve --tls-c', /ert/],
      ['roomchat serve --sync al', /ways/],
    ] as const) {
      output = '';
      // Ctrl-U: what stands on the line goes.
      zsh.write(`\u0015${typed}\t`);
      await shows(rest);
    }
    zsh.kill('SIGKILL');
  },
);
