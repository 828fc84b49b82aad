// What somebody who looks elsewhere, or does not look at all, hears of new messages: the number in the title, and the
// words for a screen reader. Only what is new is announced: a history is not read aloud.

/** Announcements kept in the document: enough for a burst, and few for who walks through the page. */
const MOST_ANNOUNCED = 20;

export class Unread {
  #count = 0;
  #title = document.title;

  constructor() {
    const seen = () => {
      if (!isLookedAt()) return;
      this.#count = 0;
      this.#draw();
    };
    document.addEventListener('visibilitychange', seen);
    addEventListener('focus', seen);
  }

  entitle(title) {
    this.#title = title;
    this.#draw();
  }

  /** Counts a message, unless it is being looked at. */
  arrived() {
    if (isLookedAt()) return;
    this.#count += 1;
    this.#draw();
  }

  #draw() {
    document.title = this.#count === 0 ? this.#title : `(${this.#count}) ${this.#title}`;
  }
}

function isLookedAt() {
  return document.visibilityState === 'visible' && document.hasFocus();
}

export class Announcer {
  #log;

  constructor(log) {
    this.#log = log;
  }

  say(text) {
    const paragraph = document.createElement('p');
    paragraph.textContent = text;
    this.#log.append(paragraph);
    while (this.#log.childElementCount > MOST_ANNOUNCED) this.#log.firstElementChild.remove();
  }
}
