import { expect, it } from 'vitest';
import { hasProgram } from '../../support/program.ts';
import { proxiedRoom } from './proxied-room.ts';

for (const name of ['nginx', 'haproxy'] as const) {
  it.skipIf(!hasProgram(name))(
    `${name} carries a room with compression, and tells whose connection it is`,
    async () => {
      const { counted, violations } = await proxiedRoom(name, 500);
      expect(violations).toEqual([]);
      expect(counted).toEqual({ [`messages through ${name}`]: 500, logged: 500 });
    },
  );
}
