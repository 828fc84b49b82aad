// The page's document as it was built: what `roomchat serve` gives to browsers.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const PAGE_DOCUMENT: Uint8Array = readFileSync(resolve('dist/page.html'));
