// Reads fields of a JSON object that came from somebody else. Every wrong shape is a BadField with a sentence;
// nothing here may throw anything else, whatever the input.

/** A field is missing or not what it must be; the message says which. */
export class BadField extends Error {
  override readonly name = 'BadField';
}

export type Fields = Readonly<Record<string, unknown>>;

/** The object that a line holds. Throws BadField. */
export function parseObject(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BadField('This line is not JSON.');
  }
  if (!isObject(value)) throw new BadField('A line must be a JSON object.');
  return value;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own property only, so that `toString` and `__proto__` of the prototype are never taken for input. */
function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

export function optionalString(fields: Fields, key: string): string | undefined {
  const value = own(fields, key);
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new BadField(`"${key}" must be a string.`);
  if (!value.isWellFormed()) throw new BadField(`"${key}" holds half of a character (a lone surrogate).`);
  return value;
}

export function requiredString(fields: Fields, key: string): string {
  const value = optionalString(fields, key);
  if (value === undefined) throw new BadField(`"${key}" is missing.`);
  return value;
}

/** A whole number from 0 up to 2^53 - 1. */
export function optionalCount(fields: Fields, key: string): number | undefined {
  const value = own(fields, key);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new BadField(`"${key}" must be a whole number, 0 or more.`);
  }
  return value;
}

export function requiredCount(fields: Fields, key: string): number {
  const value = optionalCount(fields, key);
  if (value === undefined) throw new BadField(`"${key}" is missing.`);
  return value;
}

export function optionalBoolean(fields: Fields, key: string): boolean | undefined {
  return own(fields, key) === undefined ? undefined : requiredBoolean(fields, key);
}

export function requiredBoolean(fields: Fields, key: string): boolean {
  const value = own(fields, key);
  if (typeof value !== 'boolean') throw new BadField(`"${key}" must be true or false.`);
  return value;
}

export function optionalObject(fields: Fields, key: string): Fields | undefined {
  const value = own(fields, key);
  if (value === undefined) return undefined;
  if (!isObject(value)) throw new BadField(`"${key}" must be an object.`);
  return value;
}

export function requiredArray(fields: Fields, key: string): readonly unknown[] {
  const value = own(fields, key);
  if (!Array.isArray(value)) throw new BadField(`"${key}" must be an array.`);
  return value;
}

/** An array's item as an object. */
export function objectItem(value: unknown): Fields {
  if (!isObject(value)) throw new BadField('A list holds something that is not an object.');
  return value;
}
