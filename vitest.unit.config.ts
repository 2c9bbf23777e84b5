import { defineConfig } from 'vitest/config';
import { prepareRun, UNIT } from './test/support/test-projects.ts';

// The unit tests alone start without the plugin for workerd, which takes two seconds to load.
prepareRun();

export default defineConfig({ test: { silent: 'passed-only', projects: [UNIT] } });
