import { expect, test } from 'vitest';
import { AddressError, parseRoomAddress, roomUrl, type ServerWishes } from '../../src/client/index.ts';
import { NameError } from '../../src/protocol/index.ts';

const urlsOf = (text: string, wishes?: ServerWishes) => {
  const { room, servers } = parseRoomAddress(text, wishes);
  return servers.map((server) => roomUrl(server, room));
};

test.each([
  ['lobby', {}, ['ws://127.0.0.1:8080/rooms/lobby']],
  ['#lobby', {}, ['ws://127.0.0.1:8080/rooms/lobby']],
  ['lobby', { usual: 'one' }, ['ws://one:8080/rooms/lobby']],
  ['lobby', { chosen: 'two', usual: 'one' }, ['ws://two:8080/rooms/lobby']],
  ['lobby', { chosen: 'http://two/rooms/lobby,three' }, ['ws://two/rooms/lobby', 'ws://three:8080/rooms/lobby']],
  // The environment may hold a room's page; it names no room for whoever names one.
  ['lobby', { usual: 'http://one/rooms/ops' }, ['ws://one/rooms/lobby']],
  ['http://host/rooms/lobby', {}, ['ws://host/rooms/lobby']],
  ['http://host/rooms/lobby', { usual: 'one' }, ['ws://host/rooms/lobby']],
  [' https://Host:99/rooms/b%C3%BCro/?nick=x#y ', {}, ['wss://host:99/rooms/b%C3%BCro']],
  ['ws://[::1]:8080/chat/rooms/lobby', {}, ['ws://[::1]:8080/chat/rooms/lobby']],
  ['WSS://host/rooms/rooms', {}, ['wss://host/rooms/rooms']],
  ['http://a/rooms/lobby', { chosen: 'http://a' }, ['ws://a/rooms/lobby']],
  ['http://a/rooms/lobby', { chosen: 'http://b,http://a/rooms/lobby' }, ['ws://b/rooms/lobby', 'ws://a/rooms/lobby']],
])('%s with %j is %j', (text, wishes, urls) => {
  expect(urlsOf(text, wishes)).toEqual(urls);
});

test.each([
  ['a/b', {}, NameError, 'This room name is not allowed'],
  ['##lobby', {}, NameError, 'This room name is not allowed'],
  ['#', {}, NameError, 'This room name is not allowed'],
  ['http://host', {}, AddressError, 'names no room'],
  ['http://host/rooms/', {}, AddressError, 'names no room'],
  ['http://host/rooms/lobby/log', {}, AddressError, 'names no room'],
  ['http://host/rooms/a%2Fb', {}, NameError, 'This room name is not allowed'],
  ['http://host/rooms/%ff', {}, AddressError, 'is not encoded as URLs are'],
  ['ftp://host/rooms/lobby', {}, AddressError, 'starts with ws://'],
  ['http://me:pw@host/rooms/lobby', {}, AddressError, 'user name or a password'],
  ['lobby', { chosen: 'http://host/rooms/ops' }, AddressError, 'is that of the room ops, not of lobby'],
  ['lobby', { chosen: 'a,b/rooms/ops' }, AddressError, 'is that of the room ops, not of lobby'],
  ['http://a/rooms/lobby', { chosen: 'http://a/rooms/ops' }, AddressError, 'is that of the room ops, not of lobby'],
  ['http://a/rooms/lobby', { chosen: 'http://b' }, AddressError, 'name only one of them'],
  ['http://a/rooms/lobby', { chosen: 'https://a' }, AddressError, 'name only one of them'],
])('%s with %j is refused with a sentence', (text, wishes, kind, sentence) => {
  expect(() => parseRoomAddress(text, wishes)).toThrow(kind);
  expect(() => parseRoomAddress(text, wishes)).toThrow(sentence);
});
