// Puts a session before a scripted server, and ends both with the test.

import { onTestFinished } from 'vitest';
import { dialRoom } from '../../src/cli/dialling.ts';
import { RoomSession, type RoomSessionOptions } from '../../src/client/index.ts';
import { ManualClock } from './manual-clock.ts';
import { Recorder } from './recorder.ts';
import { type Line, live, type ScriptedPeer, ScriptedServer, welcome } from './scripted-server.ts';

export interface Stage {
  readonly server: ScriptedServer;
  readonly session: RoomSession;
  readonly recorder: Recorder;
  readonly clock: ManualClock;
  /** Lets the time of the back-off pass and gives the next connection. */
  comeBack(): Promise<ScriptedPeer>;
}

/** A session that has begun to dial, at a server of before where it is told one. The back-off always takes half of what it may. */
export async function startSession(
  options: Partial<RoomSessionOptions> = {},
  recorder = new Recorder(),
  known?: ScriptedServer,
): Promise<Stage> {
  const server = known ?? (await ScriptedServer.open());
  const clock = new ManualClock();
  const usual = { dial: dialRoom(server.url), nick: { name: 'bob', mayBeNumbered: false }, clock, random: () => 0.5 };
  const session = new RoomSession({ ...usual, ...options }, recorder);
  onTestFinished(async () => {
    session.leave();
    if (known === undefined) await server.close();
  });
  session.start();
  const comeBack = () => {
    clock.advance(15_000);
    return server.accept();
  };
  return { server, session, recorder, clock, comeBack };
}

/** A session that is in the room and live, as client `me`. */
export async function startLive(
  options: Partial<RoomSessionOptions> = {},
  fields: Line = {},
  recorder = new Recorder(),
) {
  const stage = await startSession(options, recorder);
  const peer = await stage.server.accept();
  await peer.next('join');
  peer.send(welcome(fields), live(0));
  await stage.recorder.until('live 0');
  return { ...stage, peer };
}
