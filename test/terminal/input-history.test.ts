import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputHistory } from '../../src/terminal/input-history.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
  file = join(folder, 'state', 'history');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function entries(history: InputHistory): (string | undefined)[] {
  return Array.from({ length: history.length }, (_, index) => history.at(index));
}

describe('InputHistory', () => {
  it('keeps lines from run to run, several in one among them, for their owner alone', () => {
    const history = new InputHistory(file);
    for (const line of ['one', 'two\nlines', 'two\nlines', 'one']) history.add(line);
    expect(entries(new InputHistory(file))).toEqual(['one', 'two\nlines', 'one']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
  });

  it('takes others their right to read a file that had it', () => {
    new InputHistory(file).add('one');
    chmodSync(file, 0o644);
    new InputHistory(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('holds the last 1,000, and cuts a file that has grown to twice that', () => {
    const history = new InputHistory(file);
    for (let n = 0; n <= 2000; n++) history.add(`line ${n}`);
    expect(history.length).toBe(1000);
    expect(history.at(0)).toBe('line 1001');
    expect(entries(new InputHistory(file))).toEqual(entries(history));
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(1001);
    expect(readdirSync(join(folder, 'state'))).toEqual(['history']);
  });

  it('loses nothing of two clients that share a file', () => {
    const one = new InputHistory(file);
    const other = new InputHistory(file);
    one.add('a');
    other.add('b');
    one.add('c');
    expect(entries(new InputHistory(file))).toEqual(['a', 'b', 'c']);
  });

  it('passes over what is no entry, and mends a torn end before it adds to it', () => {
    new InputHistory(file).add('one');
    appendFileSync(file, '{}\nnonsense\n"torn');
    const history = new InputHistory(file);
    expect(entries(history)).toEqual(['one']);
    history.add('two');
    expect(readFileSync(file, 'utf8')).toBe('"one"\n"two"\n');
  });

  it('is one for this run alone where it cannot be kept', () => {
    writeFileSync(join(folder, 'state'), 'a file where a folder should be');
    const history = new InputHistory(file);
    history.add('one');
    expect(entries(history)).toEqual(['one']);
  });
});
