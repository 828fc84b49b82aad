// The chat server, for the command that runs one and the commands that look for one on this machine.

export { DataDirectoryError, type DataDirectoryErrorCode } from '../log/index.ts';
export { DEFAULT_LIMITS, type ServerLimits } from './common/limits.ts';
export { placesToWait } from './doors/door.ts';
export type { Federation, FederationOptions } from './federation.ts';
export type { HttpPages } from './pages/pages.ts';
export { roomPage } from './pages/room-page.ts';
export { formatText } from './reporting/console.ts';
export { parseEvent } from './reporting/events.ts';
export { type StartedServer, type StartOptions, startServer } from './start-server.ts';
export { readStateFile, StateFileError } from './state-file.ts';
