// Where the page begins: at home, which asks for a room and a name, or in the room that its URL names.

import { nickProblem, roomProblem } from './names.page.js';
import { currentRoom, homePath, roomPath } from './place.page.js';
import { wrongPassword } from './questions.page.js';
import { RoomPage } from './room.page.js';
import { rememberedNick, rememberNick } from './storage.page.js';

const home = document.getElementById('home');
const homeForm = document.getElementById('home-form');

function showHome() {
  home.hidden = false;
  homeForm.elements.nick.value = rememberedNick() ?? '';
  homeForm.elements.room.focus();
  homeForm.addEventListener('submit', (event) => {
    event.preventDefault();
    const { room, nick, password } = Object.fromEntries(new FormData(homeForm));
    const problems = {
      room: roomProblem(room),
      nick: nickProblem(nick),
      password: password === '' ? undefined : wrongPassword(password),
    };
    if (complain(problems)) return;
    rememberNick(nick);
    // Without a new page, so that the password is never written down anywhere.
    history.pushState(null, '', roomPath(room));
    showRoom(nick, password || undefined);
  });
}

/** Says beside each field what is wrong, and leads to the first that is; false where all is well. */
function complain(problems) {
  for (const [name, problem = ''] of Object.entries(problems)) {
    document.getElementById(`${name}-problem`).textContent = problem;
    homeForm.elements[name].setAttribute('aria-invalid', problem !== '');
  }
  const first = Object.keys(problems).find((name) => problems[name] !== undefined);
  if (first !== undefined) homeForm.elements[first].focus();
  return first !== undefined;
}

function showRoom(nick, password) {
  home.hidden = true;
  document.getElementById('room').hidden = false;
  document.getElementById('home-link').href = homePath();
  new RoomPage().start(nick, password);
}

// Back and forward lead from one room to another: each is a page of its own.
addEventListener('popstate', () => location.reload());

if (currentRoom() === undefined) showHome();
else showRoom();
