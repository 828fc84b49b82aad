// How long something takes, in words.

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** `1 second`, `10 minutes`, `2 hours`, from milliseconds and rounded up: what is left is never said to be less. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  for (const [unit, length] of UNITS) {
    // Below two of a unit the next smaller one says more.
    if (seconds >= 2 * length || seconds === length) return counted(Math.ceil(seconds / length), unit);
  }
  return counted(seconds, 'second');
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
