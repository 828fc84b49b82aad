// Lines of every wrong shape, generated: what a stranger may write where a command is awaited. Each is one line of text.

import fc from 'fast-check';
import { hostileText } from '../../support/hostile-text.ts';

const TYPES = ['join', 'say', 'nick', 'who', 'ping', 'broadcast', 'dm', 'rooms', 'clients', 'kick', 'verify'];
const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
const FIELDS = [
  'type',
  'nick',
  'text',
  'ref',
  'password',
  'since',
  'last',
  'epoch',
  'resume',
  'as',
  'id',
  'room',
  'key',
];

/** Texts of JSON values, and of some that only look like it. */
const valueText = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    '0',
    '-0',
    '-1',
    '1.5',
    '1e999',
    '9007199254740993',
    '""',
    '[]',
    '{}',
    '{"toString":1}',
    '{"__proto__":{"type":"say"}}',
    '{"id":"x","key":"y","attempt":1e308}',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"*"',
    'NaN',
    'undefined',
    "'x'",
  ),
  fc.constantFrom(...TYPES, ...INHERITED).map((name) => JSON.stringify(name)),
  hostileText.map((text) => JSON.stringify(text)),
  fc.double().map(String),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
);

/** Written by hand, so that keys may come twice and `__proto__` is one. */
const objectText = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS, ...INHERITED), valueText), { maxLength: 6 })
  .chain((fields) =>
    fc.constantFrom(...TYPES, ...INHERITED).map((type) => {
      const members = fields.map(([name, value]) => `"${name}":${value}`);
      return `{${[`"type":"${type}"`, ...members].join(',')}}`;
    }),
  );

const deepText = fc
  .tuple(fc.constantFrom('[', '{"type":', '{"text":'), fc.integer({ min: 1, max: 5_000 }))
  .map(([opening, depth]) => `{"type":"say","text":${opening.repeat(depth)}`);

const cut = (line: fc.Arbitrary<string>) =>
  fc.tuple(line, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1)));

/** Never blank, and never more than one line: what is blank is passed over, and a newline would make it two. */
export const hostileLine: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 8, arbitrary: objectText },
    { weight: 2, arbitrary: cut(objectText) },
    { weight: 2, arbitrary: valueText },
    { weight: 1, arbitrary: hostileText },
    { weight: 1, arbitrary: fc.constantFrom('10', '1000', '10000').map((n) => '['.repeat(Number(n))) },
    { weight: 1, arbitrary: deepText },
  )
  .map((line) => {
    const one = line.replaceAll('\n', ' ').trim();
    return one === '' ? '""' : one;
  });
