// A short run of what was taken away and stays away; the soak of the same name runs long, and looks at the time as well.

import { expect, it } from 'vitest';
import { removeAgainAndAgain } from './removed-stays-out.ts';

it('nobody who was kicked is let in again, and every delete succeeds', async () => {
  const { counted, violations } = await removeAgainAndAgain({ rounds: 12, killEvery: 5 });
  expect(violations).toEqual([]);
  expect(counted).toMatchObject({ kicked: 12, kills: 2, letIn: 0, busy: 0, failed: 0 });
}, 60_000);
