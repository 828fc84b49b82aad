// The terminal is given back on every way out, and taken again after a stop: asked of the real one with stty.

import { describe, expect, it } from 'vitest';
import { useDemo } from '../support/demo-room.ts';
import type { DemoTerminal } from '../support/demo-terminal.ts';

const { join } = useDemo();

/**
 * Runs the demo in a shell that reports, once the demo has gone, how it leaves the terminal. The shell stays until it is
 * stopped: a pty whose last process ends may take its last output with it.
 */
const thenStty = (demo: readonly string[]): readonly [string, ...string[]] => [
  'bash',
  '-c',
  'trap : HUP TERM; "$@"; echo "status $?"; stty -a; echo the end; read -r',
  'bash',
  ...demo,
];

/** The process id that the demo tells of itself; the shell is its parent. */
function demoPid(terminal: DemoTerminal): number {
  const ready = terminal.heard.find((message) => message.type === 'ready');
  if (ready === undefined) throw new Error('The demo is not ready.');
  return ready.pid;
}

/** The shell's report, as soon as it is there. */
async function reportOf(terminal: DemoTerminal): Promise<string> {
  await terminal.until('the report', () => terminal.output.endsWith('the end\r\n'));
  return terminal.output.slice(terminal.output.indexOf('status '));
}

function expectGivenBack(terminal: DemoTerminal, report: string): void {
  expect(report).toMatch(/\sisig icanon iexten echo\s/);
  expect(terminal.screen.bracketedPaste).toBe(false);
}

describe('the terminal is given back', () => {
  it('when the view is closed: the process ends by itself and the line is gone', async () => {
    const terminal = await join({ command: thenStty });
    terminal.type('draft');
    await terminal.until('the draft', () => terminal.screen.withCursor.endsWith('bob> draft▏'));
    terminal.tell({ type: 'close' });
    const report = await reportOf(terminal);
    expect(report).toContain('status 0');
    expect(terminal.screen.text).not.toContain('draft');
    expectGivenBack(terminal, report);
  });

  it('with the line left where it is when there is no time for more', async () => {
    const terminal = await join({ command: thenStty });
    terminal.type('draft');
    await terminal.until('the draft', () => terminal.screen.withCursor.endsWith('bob> draft▏'));
    terminal.tell({ type: 'restore' });
    const report = await reportOf(terminal);
    expect(terminal.screen.text).toContain('bob> draft\nstatus 0\n');
    expectGivenBack(terminal, report);
  });

  it.each([
    ['an exception that nobody catches', 'throw', 1],
    ['process.exit', 'exit', 7],
  ] as const)('at %s', async (_what, type, status) => {
    const terminal = await join({ command: thenStty });
    terminal.tell({ type });
    const report = await reportOf(terminal);
    expect(report).toContain(`status ${status}`);
    expectGivenBack(terminal, report);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('at %s, which still ends the process', async (signal, status) => {
    const terminal = await join({ command: thenStty });
    process.kill(demoPid(terminal), signal);
    const report = await reportOf(terminal);
    expect(report).toContain(`status ${status}`);
    expectGivenBack(terminal, report);
  });

  it('while it is stopped with Ctrl-Z, and the line is there again afterwards', async () => {
    // A shell with job control, to which the demo's command line is typed.
    const terminal = await join({
      env: { PS1: 'shell> ' },
      command: (demo) => ['bash', '--norc', '--noprofile', '-ic', `set -m; ${demo.join(' ')}; stty -a; fg`],
    });
    terminal.type('draft\x1a');
    const stoppedAndBack = /Stopped.*\sisig icanon iexten echo\s.*bob> draft/s;
    await terminal.until('the shell, and the line again', () => stoppedAndBack.test(terminal.output));
    terminal.type('!\r');
    await terminal.until('the line', () => terminal.heard.some(({ type }) => type === 'say'));
    terminal.tell({ type: 'close' });
    await terminal.exited;
  });

  it('and taken again at once where no shell could continue the process', async () => {
    const terminal = await join();
    terminal.type('dra\x1aft');
    const { screen } = terminal;
    await terminal.until('the paste mode', () => /\x1b\[\?2004l.*\x1b\[\?2004h.*draft/s.test(terminal.output));
    terminal.type('!');
    await terminal.until('a further key', () => screen.withCursor.endsWith('bob> draft!▏') && screen.bracketedPaste);
  });

  it('and taken again where another process has stopped it and had the terminal meanwhile', async () => {
    const terminal = await join();
    process.kill(terminal.pid, 'SIGSTOP');
    process.kill(terminal.pid, 'SIGCONT');
    const twice = /\x1b\[\?2004h.*\x1b\[\?2004h.*bob> /s;
    await terminal.until('the paste mode, a second time', () => twice.test(terminal.output));
    terminal.type('on');
    await terminal.until('the text', () => terminal.screen.withCursor.endsWith('bob> on▏'));
  });
});
