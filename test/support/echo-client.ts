// A WebSocket client that echoes every message, for conformance suites that bring a server of their own:
//   node test/support/run.js test/support/echo-client.ts --url 'ws://127.0.0.1:9001/runCase?case=1&agent=roomchat'
// or, for a fuzzing server with its three paths, all of its cases one after the other:
//   node test/support/run.js test/support/echo-client.ts --suite ws://127.0.0.1:9001 --agent roomchat
import { parseArgs } from 'node:util';
import { type DialOptions, dial } from '../../src/websocket/index.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    suite: { type: 'string' },
    agent: { type: 'string', default: 'roomchat' },
  },
});

const options: DialOptions = {
  /** 16 MiB in fragments of 64 bytes. */
  limits: { maxMessage: 16 * 1024 * 1024, maxFragments: 262_144 },
  compression: { compressFrom: 0 },
  /** Suites may ping as often as they like. */
  controlRate: 1_000_000,
};
/** Echoes wait while so much output does. */
const MAX_OUTPUT = 1024 * 1024;

if (values.url !== undefined) {
  await echo(values.url);
} else if (values.suite !== undefined) {
  await runSuite(values.suite, encodeURIComponent(values.agent));
} else {
  process.stderr.write('usage: --url URL, or --suite URL [--agent NAME]\n');
  process.exitCode = 2;
}

async function runSuite(base: string, agent: string): Promise<void> {
  const count = Number(await firstMessage(`${base}/getCaseCount`));
  for (let number = 1; number <= count; number++) {
    await echo(`${base}/runCase?case=${number}&agent=${agent}`).catch((error: unknown) => {
      process.stderr.write(`case ${number}: ${error}\n`);
    });
  }
  await echo(`${base}/updateReports?agent=${agent}`);
  process.stdout.write(`${count} cases run\n`);
}

/** Echoes until the connection ends. */
async function echo(url: string): Promise<void> {
  const websocket = await dial(url, options);
  await new Promise<void>((resolve) => {
    websocket.handler = {
      message(data, binary) {
        websocket.send(data, binary);
        if (websocket.bufferedBytes > MAX_OUTPUT) websocket.pause();
      },
      drained: () => websocket.resume(),
      closed: () => resolve(),
    };
  });
}

/** The first message that comes, or '' when none does. */
async function firstMessage(url: string): Promise<string> {
  const websocket = await dial(url, options);
  return await new Promise<string>((resolve) => {
    websocket.handler = {
      message: (data) => resolve(data.toString()),
      drained() {},
      closed: () => resolve(''),
    };
  });
}
