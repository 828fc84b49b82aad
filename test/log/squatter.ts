// Somebody else on the machine, who may look at a data directory and takes the name by which 0.1 locked it.
import { statSync } from 'node:fs';
import { NOBODY } from '../support/other-user.ts';
import { type Child, startProgram } from './children.ts';

/** Without the NUL that it begins with. */
export function oldLockName(directory: string): string {
  const { dev, ino } = statSync(directory, { bigint: true });
  return `roomchat data directory ${dev} ${ino} `.padEnd(107, '-');
}

const SQUAT = `
  require('node:net').createServer()
    .listen('\\0' + process.argv[1], () => console.log('squats'))
    .on('error', ({ code }) => console.log(code));
`;

/** Says `squats`. Only root can start it. */
export function startSquatter(directory: string): Promise<Child> {
  return startProgram([process.execPath, '-e', SQUAT, oldLockName(directory)], NOBODY);
}
