// The chat server, for the command that runs one and the commands that look for one on this machine.

export { DataDirectoryError, type DataDirectoryErrorCode } from '../log/index.ts';
export { formatText } from './console.ts';
export { placesToWait } from './door.ts';
export { parseEvent } from './events.ts';
export { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
export type { HttpPages } from './pages.ts';
export { type StartedServer, type StartOptions, startServer } from './start-server.ts';
export { readStateFile, StateFileError } from './state-file.ts';
export { roomPage } from './web/page.ts';
