// Where the page begins: at home, which asks for a room and a name, or in the room that its URL names.

import { byId } from './elements.ts';
import { showHome } from './home.ts';
import { currentRoom, homePath, roomPath } from './place.ts';
import { RoomPage } from './room-page.ts';
import { rememberNick } from './storage.ts';

// Beside the page, wherever a proxy has put it.
const manifest = document.createElement('link');
manifest.rel = 'manifest';
manifest.href = `${homePath()}manifest.webmanifest`;
document.head.append(manifest);

function showRoom(room: string, nick?: string, password?: string): void {
  byId('room', HTMLElement).hidden = false;
  byId('home-link', HTMLAnchorElement).href = homePath();
  new RoomPage(room, password).start(nick);
}

// Back and forward lead from one room to another: each is a page of its own.
addEventListener('popstate', () => location.reload());

const room = currentRoom();
if (room !== undefined) {
  showRoom(room);
} else {
  showHome((wish) => {
    rememberNick(wish.nick);
    // Without a new page, so that the password is never written down anywhere.
    history.pushState(null, '', roomPath(wish.room));
    showRoom(wish.room, wish.nick, wish.password);
  });
}
