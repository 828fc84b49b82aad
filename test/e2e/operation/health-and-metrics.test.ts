// What a monitoring system asks of a server, and who is answered.

import { hostname } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { askServer, samples } from '../../support/monitoring.ts';
import { RawPeer } from '../../support/raw-http.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;

afterEach(async () => {
  await server.stop();
});

const ask = (path: string, headers?: Record<string, string>) => askServer(server, path, headers);

describe('health', () => {
  it('is 200 while the server runs and 503 while it stops', async () => {
    server = await startServer();
    expect(await ask('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    // A peer that does not answer the Close frame keeps the server stopping for as long as the handshake may take.
    const silent = await RawPeer.upgraded(server.port, '/rooms/lobby');
    const stopped = server.stop();
    await server.printed(/stopping/);
    expect(await ask('/healthz')).toMatchObject({ status: 503, body: 'stopping\n' });
    const refused = WireClient.open(server, 'lobby');
    await expect(refused).rejects.toThrow('503');
    silent.socket.destroy();
    expect(await stopped).toBe(0);
  });
});

describe('metrics', () => {
  it('count what happened, in the text format, without a room or a nick', async () => {
    server = await startServer();
    const { client: alice } = await WireClient.join(server, 'secretroom', { nick: 'alice' });
    alice.send({ type: 'say', text: 'hi', ref: '1' });
    await alice.said('hi');
    await expect(WireClient.open(server, 'lobby', { origin: 'http://evil.example' })).rejects.toThrow('403');
    const { status, type, body } = await ask('/metrics');
    expect(status).toBe(200);
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    const found = samples(body);
    expect(found.get('roomchat_clients')).toBe(1);
    expect(found.get('roomchat_open_rooms')).toBe(1);
    expect(found.get('roomchat_messages_total')).toBe(1);
    expect(found.get('roomchat_oldest_unsynced_seconds')).toBeGreaterThanOrEqual(0);
    expect(found.get('roomchat_append_seconds_count')).toBe(1);
    expect(found.get('roomchat_append_seconds_bucket{le="+Inf"}')).toBe(1);
    expect(found.get('roomchat_fan_out_seconds_count')).toBe(1);
    expect(found.get('roomchat_refusals_total{reason="403"}')).toBe(1);
    expect(found.get('roomchat_appended_bytes_total')).toBeGreaterThan(50);
    expect(body).toContain('roomchat_build_info{version="');
    expect(body).not.toMatch(/secretroom|alice/);
    alice.socket.close();
  });

  it('are for this machine alone, and behind a proxy for nobody, unless --metrics says otherwise', async () => {
    server = await startServer({ args: ['--trust-proxy'] });
    expect((await ask('/metrics', { 'X-Forwarded-For': '127.0.0.1' })).status).toBe(404);
    expect((await ask('/healthz')).status).toBe(404);
    await server.stop();
    server = await startServer({ args: ['--trust-proxy', '--metrics'] });
    expect((await ask('/metrics', { 'X-Forwarded-For': '203.0.113.9' })).status).toBe(200);
  });

  it('are not for a page whose name was rebound to this machine', async () => {
    server = await startServer();
    expect((await ask('/metrics', { Host: 'evil.example' })).status).toBe(403);
    expect((await ask('/rooms/lobby', { Host: `evil.example:${server.port}` })).status).toBe(403);
    await server.stop();
    // Bound to every address it answers to any name; these two are still for names of this machine alone.
    server = await startServer({ args: ['--host', '0.0.0.0'] });
    const asked = async (path: string, host: string) => (await ask(path, { Host: host })).status;
    expect(await asked('/rooms/lobby', 'evil.example')).toBe(200);
    for (const path of ['/healthz', '/metrics']) {
      for (const host of ['evil.example', 'localhost.evil.example', '192.0.2.1'])
        expect(await asked(path, host)).toBe(404);
      for (const host of ['localhost', '127.0.0.1:1', '[::1]', hostname()]) expect(await asked(path, host)).toBe(200);
    }
  });

  it('are for whatever name is served where --metrics makes them public', async () => {
    const allowed = ['--allow-origin', 'https://chat.example.com'];
    server = await startServer({ args: ['--host', '0.0.0.0', '--metrics', ...allowed] });
    const asked = async (host: string) => (await ask('/metrics', { Host: host })).status;
    expect(await asked('chat.example.com')).toBe(200);
    expect(await asked('192.0.2.1:8080')).toBe(200);
    expect(await asked('evil.example')).toBe(403);
  });
});
