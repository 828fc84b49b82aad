#!/usr/bin/env node
// The command.
import { main } from '../dist/cli.js';

await main(process.argv.slice(2));
