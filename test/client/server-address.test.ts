import { describe, expect, test } from 'vitest';
import { AddressError, parseServerAddress, parseServerAddresses, roomUrl } from '../../src/client/index.ts';

const urlOf = (server: string | undefined, room = 'lobby') => roomUrl(parseServerAddress(server), room);

describe('a server address', () => {
  test.each([
    [undefined, 'ws://127.0.0.1:8080/rooms/lobby'],
    ['localhost', 'ws://localhost:8080/rooms/lobby'],
    [' chat.example:9000 ', 'ws://chat.example:9000/rooms/lobby'],
    ['chat.example:80', 'ws://chat.example/rooms/lobby'],
    ['[::1]', 'ws://[::1]:8080/rooms/lobby'],
    ['[::1]:9000', 'ws://[::1]:9000/rooms/lobby'],
    ['localhost:9000/rooms/other', 'ws://localhost:9000/rooms/lobby'],
    ['ws://localhost', 'ws://localhost/rooms/lobby'],
    ['WSS://Chat.Example', 'wss://chat.example/rooms/lobby'],
    ['wss://chat.example:8443/', 'wss://chat.example:8443/rooms/lobby'],
    ['http://localhost:8080', 'ws://localhost:8080/rooms/lobby'],
    ['https://chat.example/rooms/b%C3%BCro?x=1#y', 'wss://chat.example/rooms/lobby'],
    ['https://chat.example/chat/', 'wss://chat.example/chat/rooms/lobby'],
    ['https://chat.example/chat/rooms/', 'wss://chat.example/chat/rooms/lobby'],
    ['https://chat.example/showrooms', 'wss://chat.example/showrooms/rooms/lobby'],
  ])('%s is %s', (server, url) => {
    expect(urlOf(server)).toBe(url);
  });

  test.each([
    ['', 'is empty'],
    ['ftp://localhost', 'starts with'],
    ['::1', 'brackets'],
    ['ws://me:secret@localhost', 'a user name'],
    ['localhost:99999', 'looks like host:port'],
    ['two words', 'looks like host:port'],
    ['ws://', 'looks like host:port'],
  ])('%j is refused with a sentence', (server, sentence) => {
    expect(() => parseServerAddress(server)).toThrow(AddressError);
    expect(() => parseServerAddress(server)).toThrow(sentence);
  });
});

describe('several server addresses', () => {
  const urlsOf = (servers: string | undefined) =>
    parseServerAddresses(servers).map((server) => roomUrl(server, 'lobby'));

  test.each([
    [undefined, ['ws://127.0.0.1:8080/rooms/lobby']],
    ['one', ['ws://one:8080/rooms/lobby']],
    ['two, one:80', ['ws://two:8080/rooms/lobby', 'ws://one/rooms/lobby']],
    ['https://one,http://one', ['wss://one/rooms/lobby', 'ws://one/rooms/lobby']],
    ['one,one/a,one/b', ['ws://one:8080/rooms/lobby', 'ws://one:8080/a/rooms/lobby', 'ws://one:8080/b/rooms/lobby']],
    ['two,one,TWO:8080,ws://one:8080/rooms/other', ['ws://two:8080/rooms/lobby', 'ws://one:8080/rooms/lobby']],
  ])('%s are %j', (servers, urls) => {
    expect(urlsOf(servers)).toEqual(urls);
  });

  test.each([
    ['', 'The server address is empty.'],
    [',one', 'single comma'],
    ['one,', 'single comma'],
    ['one, ,two', 'single comma'],
    ['one,ftp://two', 'starts with'],
    ['::1,one', 'brackets'],
  ])('%j are refused with a sentence', (servers, sentence) => {
    expect(() => parseServerAddresses(servers)).toThrow(AddressError);
    expect(() => parseServerAddresses(servers)).toThrow(sentence);
  });
});

describe('a room URL', () => {
  test.each([
    ['büro', 'b%C3%BCro'],
    ['bu\u0308ro', 'b%C3%BCro'],
    ['a.b-c_d', 'a.b-c_d'],
  ])('encodes %s in NFC', (room, path) => {
    expect(urlOf('localhost', room)).toBe(`ws://localhost:8080/rooms/${path}`);
  });

  test.each(['../admin', 'a/b', '', '.'])('is refused for %j', (room) => {
    expect(() => urlOf('localhost', room)).toThrow('room name');
  });
});
