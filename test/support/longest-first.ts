import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Files that take more than ten seconds, the longest first. They start before the others of their group, so that none of them runs alone
 * at the end while the other cores are idle. Vitest remembers how long files take, but a clean checkout has no such memory.
 */
const LONG_FILES = [
  'browser/pages',
  'node/cli/documented-commands',
  'node/origin/edge-hosted',
  'node/cli/start',
  'node/cli/sori-prompts-restarted',
  'node/origin/edge-origin-real',
  'node/cli/package',
  'node/cli/publish',
  'browser/inference',
  'node/origin/origin',
  'node/origin/edge-jobs',
  'node/origin/edge-cloning',
  'contract/origin',
  'node/jobs/singing-killed',
  'node/cli/sori-server',
  'node/cli/sori-prompts-export',
  'node/cli/sori-prompts-sync',
  'node/origin/origin-tls',
  'node/cli/sori-models-hub',
  'node/jobs/jobs-killed',
  'node/cli/say',
  'node/origin/voices-origin',
  'workerd/isolated/routes',
  'browser/sori-prompts-report',
  'workerd/jobs',
  'node/speech/spoken-controls',
  'node/origin/edge-worker',
  'node/jobs/jobs-long-killed',
  'node/cli/deploy',
  'node/cli/setup',
  'workerd/isolated/golden-speech',
  'workerd/isolated/audio-cache',
  'workerd/prompts',
].map((name) => resolve(ROOT, `test/${name}.test.ts`));

const missing = LONG_FILES.filter((path) => !existsSync(path));
if (missing.length > 0)
  throw new Error(`test/support/longest-first.ts lists files that are gone: ${missing}`);

/** Sorts by group, by project in the order of vitest.config.ts, and then the longest files first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const projects = [...new Set(this.ctx.projects)];
    const place = ({ project, moduleId }: TestSpecification) => {
      const long = LONG_FILES.indexOf(moduleId);
      return [
        project.config.sequence.groupOrder,
        projects.indexOf(project),
        long < 0 ? LONG_FILES.length : long,
      ];
    };
    // Sorting is stable: other files stay in Vitest's own order.
    return (await super.sort(files)).sort((a, b) => {
      const [ours, theirs] = [place(a), place(b)];
      const differing = ours.findIndex((value, i) => value !== theirs[i]);
      return differing < 0 ? 0 : ours[differing] - theirs[differing];
    });
  }
}
