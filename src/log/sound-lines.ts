// What is whole of a log, for `admin export`: from its file, so that a room that refuses everybody can be read as well.
// Must never give a byte that is in doubt, nor keep the damage to itself.
import { DamagedError } from './errors.ts';
import { firstBadLine } from './lines.ts';
import { LogScan } from './scan.ts';
import { linesOf } from './verify.ts';

/**
 * Pieces of whole lines, at most 64 KiB each, from the log's beginning up to `end`; each is overwritten by the next.
 * Rejects with DamagedError, which names the first damage, when all that is whole has been given.
 */
export async function* soundLines(folder: string, room: string, end: number | undefined): AsyncGenerator<Buffer> {
  const scan = await LogScan.open(folder, room, end);
  let damage: DamagedError | undefined;
  try {
    for await (const span of scan.spans()) {
      // A last line without an end was never said.
      if (span.kind === 'bad' && span.lines > 0) {
        damage ??= new DamagedError(room, span.offset, span.offset + span.length);
      }
      if (span.kind !== 'lines') continue;
      const bad = span.summed ? -1 : firstBadLine(span.bytes);
      if (bad === -1) {
        yield span.bytes;
        continue;
      }
      damage ??= new DamagedError(room, span.offset + bad);
      const sound = [...linesOf(span.bytes)].map(([line, at]) => span.bytes.subarray(at, at + line.length + 1));
      yield Buffer.concat(sound.filter((line) => firstBadLine(line) === -1));
    }
  } finally {
    await scan.close();
  }
  if (damage !== undefined) throw damage;
}
