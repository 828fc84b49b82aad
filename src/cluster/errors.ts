/** Why a node cannot take part; the message says what to do, and holds no password. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}
