// How many connections and rooms fit into the process's file descriptors: each takes one.

import { readFileSync } from 'node:fs';

/** The process itself, and the connections that are only answered with a refusal. */
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

/** `wanted`, lowered to what fits: connections take up to two thirds of the descriptors, rooms the rest. */
export function fitDescriptors(
  wanted: { readonly clients: number; readonly openRooms: number },
  limit: number | undefined,
): { clients: number; openRooms: number } {
  if (limit === undefined) return { ...wanted };
  const free = Math.max(3, limit - RESERVED);
  const clients = Math.min(wanted.clients, Math.max(1, Math.floor((free * 2) / 3)));
  return { clients, openRooms: Math.min(wanted.openRooms, Math.max(1, free - clients)) };
}
