#!/usr/bin/env node
// `node bin/client.js <room>`: joins a room; takes the flags of `roomchat join`.
import { main } from '../dist/cli.js';

await main(['join', ...process.argv.slice(2)]);
