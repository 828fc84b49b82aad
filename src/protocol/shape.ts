// Whether what somebody sent has the fields that it should have, for objects that are only shown. A hostile sender is
// possible: an object in the place of a text could not even be printed.

type FieldType = 'string' | 'number' | 'boolean' | 'string[]';

/** The type of each field; with ? it may be missing. */
export type Shape = Readonly<Record<string, FieldType | `${FieldType}?`>>;

export function hasShape(value: unknown, shape: Shape): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return Object.entries(shape).every(([name, type]) => {
    const field = fields.get(name);
    return field === undefined ? type.endsWith('?') : isOfType(field, type.replace('?', ''));
  });
}

function isOfType(field: unknown, type: string): boolean {
  if (type !== 'string[]') return typeof field === type;
  return Array.isArray(field) && field.every((one) => typeof one === 'string');
}
