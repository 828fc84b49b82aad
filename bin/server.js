#!/usr/bin/env node
// `node bin/server.js`: a server on port 8080; takes the flags of `roomchat serve`.
import { main } from '../dist/cli.js';

await main(['serve', ...process.argv.slice(2)]);
