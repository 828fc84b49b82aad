// What a request's path means. The path is taken as it came: nothing is normalised, so nothing can climb out of it.

export type Route =
  | { readonly kind: 'room'; readonly name: string }
  /** The log of a room. */
  | { readonly kind: 'log'; readonly name: string }
  | { readonly kind: 'admin' }
  | { readonly kind: 'health' }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'home' | 'list' | 'manifest' }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' };

const ROOMS = '/rooms/';
const LOG = '/log';

/** `url` is a request's target, query and all. The room's name is decoded, and not yet checked. */
export function routeOf(url: string): Route {
  const path = url.split('?', 1)[0] ?? '';
  if (path === '/') return { kind: 'home' };
  if (path === '/rooms') return { kind: 'list' };
  if (path === '/manifest.webmanifest') return { kind: 'manifest' };
  if (path === '/admin') return { kind: 'admin' };
  if (path === '/healthz') return { kind: 'health' };
  if (path === '/metrics') return { kind: 'metrics' };
  if (!path.startsWith(ROOMS)) return { kind: 'none' };
  const rest = path.slice(ROOMS.length);
  const kind = rest.endsWith(LOG) ? 'log' : 'room';
  const segment = kind === 'log' ? rest.slice(0, -LOG.length) : rest;
  if (segment === '' || segment.includes('/')) return { kind: 'none' };
  try {
    return { kind, name: decodeURIComponent(segment) };
  } catch {
    return { kind: 'malformed' };
  }
}
