// A long history to clients that take compressed frames, beside those that do not.
import { generate } from '../load/generator.ts';
import { roomchat } from '../peers/roomchat.ts';
import { makeRoom, sentence } from './history.ts';
import { inFolder } from './in-folder.ts';
import { type Contender, type Scenario, server } from './scenario.ts';

const JOINS = 300;
const BYTES = 5 * 1024 * 1024;

function reading(name: string, compressed: boolean): Contender {
  return {
    name,
    measure: (quick) =>
      inFolder(async (data) => {
        await makeRoom(data, 'long', Infinity, BYTES, sentence);
        const joins = quick ? JOINS / 10 : JOINS;
        const contender = server(
          roomchat,
          ({ pid, port }) => generate({ kind: 'replays', pid, port, room: 'long', joins, compressed }),
          { data },
        );
        return contender.measure(quick);
      }),
  };
}

export const compressed: Scenario = {
  name: 'compressed',
  about: 'a room of 5 MiB to 300 joiners, 10 at a time, with compressed frames and without',
  contenders: [reading('compressed', true), reading('plain', false)],
  targets: [
    { figure: 'total', times: 2, of: 'plain' },
    { figure: 'wire', times: 0.5, of: 'plain' },
  ],
};
