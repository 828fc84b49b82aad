// Why a connection did not even open: a browser does not tell a page what an upgrade was answered with, so the page asks
// for itself. Never decides anything for a server that does not answer, nor for what a proxy says.

/** What follows from a ban of this address; undefined where there is none, or it cannot be found out. */
export async function banOfThisAddress() {
  try {
    // Without the body: whoever is let in would get the whole page each time.
    const answer = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store' });
    if (answer.headers.get('Roomchat-Error') !== 'banned') return undefined;
    const sentence = await (await fetch(location.pathname, { cache: 'no-store' })).text();
    return { next: 'end', message: sentence.trim() };
  } catch {
    return undefined;
  }
}
