// 1,000,000 generated lines of every wrong shape.
// Usage: node test/support/run.js test/soak/shapes.ts [--cycles LINES] [--seed S]

import { wrongShapes } from '../e2e/hardening/shapes.ts';
import { soak } from './soak.ts';

await soak(1_000_000, wrongShapes);
