// How many connections and rooms fit into the process's file descriptors: each takes one, also those connections that are
// no clients. What they all may take together is never more than there is, so that no room wants for one when it needs it.

import { readFileSync } from 'node:fs';

/** The process itself (some 24), the connection that is being refused, and files for a moment: marks, logs that close. */
const RESERVED = 32;

/** The most open files that the system allows this process, or undefined where it does not say. */
export function openFileLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/**
 * `wanted`, lowered to what fits: clients, and the connections that wait beside them, take up to three quarters of the
 * descriptors, rooms the rest. `placesToWait` says how many wait beside so many clients: at most half as many.
 */
export function fitDescriptors(
  wanted: { readonly clients: number; readonly openRooms: number },
  limit: number | undefined,
  placesToWait: (clients: number) => number,
): { clients: number; openRooms: number } {
  if (limit === undefined) return { ...wanted };
  const free = Math.max(3, limit - RESERVED);
  const connections = Math.floor((free * 3) / 4);
  const most = Math.max(Math.floor(free / 2), connections - placesToWait(connections));
  const clients = Math.min(wanted.clients, Math.max(1, most));
  const left = free - clients - placesToWait(clients);
  return { clients, openRooms: Math.min(wanted.openRooms, Math.max(1, left)) };
}
