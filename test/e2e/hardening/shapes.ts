// The scenario of wrong shapes: every generated line through the decoders, and a share of them over the wire, to the
// rooms and to the control path of the real server. An error line is the answer to each, never an exception.

import fc from 'fast-check';
import WebSocket from 'ws';
import {
  BadField,
  ControlError,
  decodeCommand,
  decodeControlCommand,
  decodeLine,
  ProtocolError,
} from '../../../src/protocol/index.ts';
import { unsafeCharacters } from '../../support/hostile-text.ts';
import type { Outcome } from '../../support/outcome.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { hostileLine } from './hostile-lines.ts';

/** One in so many lines goes over the wire: to the control path, and to a room on a connection of its own. */
const ONE_IN_CONTROL = 10;
const ONE_IN_ROOMS = 50;
/** Lines of one frame to the control path. */
const TOGETHER = 50;
const LANES = 8;
const MOST_FRAME_BYTES = 64 * 1024;

const decoders: readonly [(line: string) => unknown, new (...args: never[]) => Error][] = [
  [decodeCommand, ProtocolError],
  [decodeControlCommand, ControlError],
  [decodeLine, BadField],
];

export async function wrongShapes({ cycles, seed }: { cycles: number; seed: number }): Promise<Outcome> {
  const violations: string[] = [];
  const refused = decodeAll(cycles, seed, violations);
  const server = await startServer();
  try {
    const toControl = fc.sample(hostileLine, { numRuns: Math.ceil(cycles / ONE_IN_CONTROL), seed });
    const toRooms = fc.sample(hostileLine, { numRuns: Math.ceil(cycles / ONE_IN_ROOMS), seed: seed + 1 });
    const answered = await askControlPath(server, toControl, violations);
    const ended = await knockAtRooms(server, toRooms, violations);
    if (server.output().includes('internal error')) violations.push('the console tells of an internal error');
    return { counted: { inputs: cycles, refused, control: answered, rooms: toRooms.length, ended }, violations };
  } finally {
    const code = await server.stop();
    if (code !== 0) violations.push(`the server ended with ${code}`);
  }
}

/** How often a decoder refused a line. */
function decodeAll(inputs: number, seed: number, violations: string[]): number {
  let refused = 0;
  const result = fc.check(
    fc.property(hostileLine, (line) => {
      for (const [decode, Refusal] of decoders) {
        try {
          decode(line);
        } catch (error) {
          if (!(error instanceof Refusal)) return false;
          if (unsafeCharacters(error.message).length > 0) return false;
          refused++;
        }
      }
      return !Object.hasOwn(Object.prototype, 'type');
    }),
    { numRuns: inputs, seed },
  );
  if (result.failed) violations.push(`a decoder was hurt by ${JSON.stringify(result.counterexample)}`);
  return refused;
}

/** All on one connection, which stays: each line has one answer. The number of answers. */
async function askControlPath(server: ServerProcess, lines: string[], violations: string[]): Promise<number> {
  const headers = { Authorization: `Bearer ${await server.adminToken()}` };
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/admin`, { headers });
  let answers = 0;
  let wanted = 0;
  let proceed = (): void => {};
  socket.on('message', (data) => {
    for (const text of data.toString().trimEnd().split('\n')) {
      const { type } = JSON.parse(text);
      if (type === 'done' || type === 'error') answers++;
      if (text.includes('internal error')) violations.push('the control path answered "internal error"');
    }
    if (answers >= wanted) proceed();
  });
  const closed = new Promise<never>((_, reject) =>
    socket.on('close', (code) => reject(new Error(`the control path closed with ${code}`))),
  );
  closed.catch(() => {});
  await new Promise((resolve) => socket.on('open', resolve));
  for (let at = 0; at < lines.length; at += TOGETHER) {
    const together = lines.slice(at, at + TOGETHER);
    const frames = Buffer.byteLength(together.join('\n')) > MOST_FRAME_BYTES ? together : [together.join('\n')];
    wanted += together.length;
    const answered = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    for (const frame of frames) socket.send(frame);
    await Promise.race([answered, closed]);
  }
  if (answers !== lines.length) violations.push(`${lines.length} lines to the control path had ${answers} answers`);
  socket.close();
  return answers;
}

/** Each on a connection of its own, before or after the join. How many of these the server ended, with an error line. */
async function knockAtRooms(server: ServerProcess, lines: string[], violations: string[]): Promise<number> {
  let ended = 0;
  const next = lines.entries();
  const lane = async (): Promise<void> => {
    for (const [index, line] of next) {
      const { codes, close } = await knock(server, line, index % 2 === 0);
      if (close === undefined) continue;
      ended++;
      if (close < 4000 || codes.length === 0) violations.push(`${JSON.stringify(line)} ended with ${close}: ${codes}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return ended;
}

/** What one line came to: the codes of the error lines, and the close code where the server closed. */
function knock(server: ServerProcess, line: string, joined: boolean): Promise<{ codes: string[]; close?: number }> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/rooms/shapes`, { perMessageDeflate: false });
  const codes: string[] = [];
  socket.on('open', () => {
    const join = '{"type":"join","as":"speaker"}\n';
    socket.send(joined ? `${join}${line}\n{"type":"ping"}` : `${line}\n{"type":"join"}\n{"type":"ping"}`);
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (close) => resolve({ codes, close }));
    socket.on('message', (data) => {
      for (const text of data.toString().trimEnd().split('\n')) {
        const { type, code } = JSON.parse(text);
        if (type === 'error') codes.push(code);
        if (type !== 'pong') continue;
        resolve({ codes });
        socket.terminate();
      }
    });
  });
}
