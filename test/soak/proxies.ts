// Sends 10,000 messages through nginx, and as many through HAProxy.
// Usage: node test/support/run.js test/soak/proxies.ts [--cycles N]

import { proxiedRoom } from '../e2e/proxies/proxied-room.ts';
import { soak } from './soak.ts';

await soak(10_000, async ({ cycles }) => {
  const [nginx, haproxy] = [await proxiedRoom('nginx', cycles), await proxiedRoom('haproxy', cycles)];
  return {
    counted: { ...nginx.counted, ...haproxy.counted },
    violations: [...nginx.violations, ...haproxy.violations],
  };
});
