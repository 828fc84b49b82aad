// Reads a whole log and says what is wrong with it and where, for `admin verify`.
// Must never write, nor hold more than a chunk of the log in memory.
import { join } from 'node:path';
import { folderName } from './folder-name.ts';
import { NEWLINE } from './lines.ts';
import { roomsPath } from './list-rooms.ts';
import { LogScan } from './scan.ts';
import { seqOfSoundLine } from './sound-line.ts';

/** `offset` is the byte at which the bad line begins, or the lines of which one is bad. */
export type Problem = { readonly offset: number; readonly reason: string };
export type Verified = {
  readonly bytes: number;
  /** The bytes that were compared with the sums they were written with. */
  readonly summed: number;
  readonly lines: number;
  readonly problems: number;
  readonly lastSeq: number;
};

/** Checks the log of a room of a data directory, running or not, up to where it ends now. */
export async function verifyRoom(
  directory: string,
  room: string,
  onProblem: (problem: Problem) => void,
): Promise<Verified> {
  const scan = await LogScan.open(join(roomsPath(directory), folderName(room)), room);
  try {
    return await verifyLines(scan, onProblem);
  } finally {
    await scan.close();
  }
}

async function verifyLines(scan: LogScan, onProblem: (problem: Problem) => void): Promise<Verified> {
  let lines = 0;
  let problems = 0;
  let lastSeq = 0;
  const found = (offset: number, reason: string) => {
    problems += 1;
    onProblem({ offset, reason });
  };
  const check = (line: Buffer, offset: number) => {
    lines += 1;
    const seq = seqOfSoundLine(line);
    if (typeof seq === 'string') return found(offset, seq);
    if (seq <= lastSeq) found(offset, `seq ${seq} does not rise above ${lastSeq}`);
    lastSeq = Math.max(lastSeq, seq);
  };
  for await (const span of scan.spans()) {
    switch (span.kind) {
      case 'lines':
        for (const [line, at] of linesOf(span.bytes)) check(line, span.offset + at);
        break;
      case 'bad':
        lines += span.lines;
        found(span.offset, span.reason);
        break;
      case 'broken-sums':
        found(
          span.offset,
          'the checksums in log.sums are damaged from here on; delete that file to have them made again',
        );
    }
  }
  return { bytes: scan.end, summed: scan.summed, lines, problems, lastSeq };
}

/** Each line without its newline, and where it begins. */
export function* linesOf(bytes: Buffer): Generator<[line: Buffer, at: number]> {
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline === -1 ? bytes.length : newline;
    yield [bytes.subarray(at, end), at];
    at = end + 1;
  }
}
