// What a browser wants to know to put the page among the programs of a phone or a desktop. Nothing in it depends on a room.

import type { RoomPage } from './room-page.ts';

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cpath fill='%231d5c57' d='M0 0h32v32H0z'/%3E%3Cpath fill='%23faf8f4' d='M8 25V15a8 8 0 0 1 16 0v10z'/%3E%3Cpath fill='none' stroke='%231d5c57' stroke-width='2' stroke-linecap='round' d='M12.500 15h7M12.500 19.500h4'/%3E%3C/svg%3E";

const MANIFEST = {
  name: 'roomchat',
  short_name: 'roomchat',
  description: 'Room chat',
  // Relative to this file: a proxy may have put a path before it.
  start_url: '.',
  scope: '.',
  display: 'standalone',
  background_color: '#faf8f4',
  theme_color: '#1d5c57',
  icons: [{ src: ICON, sizes: 'any', type: 'image/svg+xml', purpose: 'any maskable' }],
};

export const webManifest: RoomPage = {
  document: Buffer.from(JSON.stringify(MANIFEST)),
  headers: { 'Content-Type': 'application/manifest+json', 'Cache-Control': 'no-cache' },
};
