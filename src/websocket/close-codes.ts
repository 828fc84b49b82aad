// The close codes of RFC 6455 §7.4 and the rule which of them may stand in a Close frame. Knows nothing of chat's codes.

export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  /** Never on the wire: a Close frame came without a code. */
  noCode: 1005,
  /** Never on the wire: the connection ended without a Close frame. */
  abnormal: 1006,
  invalidData: 1007,
  policyViolation: 1008,
  tooBig: 1009,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
} as const;

/** RFC 6455 §7.4.1, §7.4.2 and IANA's registry: which codes an endpoint may send in a Close frame. */
export function mayBeSent(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}
