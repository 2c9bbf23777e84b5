import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../../src/origin/config.ts';
import { VARIABLES } from '../../../src/origin/variables.ts';

const FOLDER = 'scripts/origin';
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const names = new Set(VARIABLES.map(({ name }) => name));

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        environment?: Record<string, string>;
        env_file?: { path: string; required: boolean }[];
        volumes?: string[];
        ports: string[];
      }
    >
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
}

// CI has no GPU host and can't run these files, so they are compared with the rest of the repository.
describe('the files for a GPU host', () => {
  it.each(['Dockerfile', 'Dockerfile.cpu'])(
    '%s copies what there is, lets it through, and runs the entry',
    (name) => {
      const lines = read(name).split('\n');
      const allowed = read(`${name}.dockerignore`).split('\n');
      const copied = lines.flatMap((line) => line.match(/^COPY (?!--)(.*) \S+$/)?.[1].split(' ') ?? []);
      expect(copied.length).toBeGreaterThan(5);
      for (const path of copied) {
        expect(existsSync(path), path).toBe(true);
        // The whole folder or some of its files are allowed.
        expect(allowed.some((line) => line === `!${path}` || line.startsWith(`!${path}/`))).toBe(true);
      }
      // Development packages are left out, and no install script runs except that of onnxruntime-node.
      expect(read(name)).toContain('npm ci --omit=dev --ignore-scripts');
      for (const path of ['script/install.js', 'bin/napi-v6', 'bin/napi-v6/darwin', 'bin/napi-v6/win32']) {
        expect(existsSync(join('node_modules/onnxruntime-node', path)), path).toBe(true);
      }
      expect(lines.at(-2)).toBe('CMD ["node", "--no-warnings", "src/origin.ts"]');
      const set = lines.find((line) => line.startsWith('ENV NODE_ENV'))!.matchAll(/(\w+)=(\S+)/g);
      expect(
        readConfig(Object.fromEntries([...set].map(([, variable, value]) => [variable, value]))),
      ).toMatchObject({
        host: '0.0.0.0',
        port: 8788,
        stateDir: '/state',
      });
    },
  );

  it.each(['Dockerfile', 'Dockerfile.cpu'])('%s has what the build of the studio reads', (name) => {
    const pages = read(name).split(/^FROM /m)[2];
    const script = readFileSync('scripts/lib/build-studio.ts', 'utf8');
    const inputs = /OTHER_INPUTS = \[([^\]]*)\]/.exec(script)![1].matchAll(/'([^']+)'/g);
    const files = [...inputs].map(([, file]) => file);
    expect(files).toContain('tsconfig.json');
    for (const file of files) expect(pages).toMatch(new RegExp(`^COPY .*\\b${file} `, 'm'));
  });

  it.each(['x64', 'arm64'])('the package of the runtime has a build for the CPU image on %s', (arch) => {
    const folder = join('node_modules/onnxruntime-node/bin/napi-v6/linux', arch);
    expect(existsSync(join(folder, 'onnxruntime_binding.node'))).toBe(true);
  });

  it('the Dockerfiles use valid instructions only', () => {
    const known = /^(?:FROM|WORKDIR|COPY|RUN|USER|VOLUME|ENV|EXPOSE|HEALTHCHECK|CMD) /;
    for (const name of ['Dockerfile', 'Dockerfile.cpu']) {
      // A backslash at the end of a line continues it.
      const instructions = read(name)
        .replace(/^#.*\n/gm, '')
        .replace(/\\\n\s*/g, ' ')
        .split('\n')
        .filter((line) => line !== '');
      expect(instructions.filter((line) => !known.test(line))).toEqual([]);
      expect(instructions[0]).toMatch(/^FROM \S+ AS packages$/);
    }
  });

  it('the compose file sets existing variables only, and declares its volumes', () => {
    const { services, volumes } = parse(read('compose.yaml')) as Compose;
    expect(Object.keys(services)).toEqual(['origin', 'prometheus']);
    const { environment, env_file } = services.origin;
    // Variables that the compose file does not name come from .env.
    expect(env_file).toEqual([{ path: '.env', required: false }]);
    expect(Object.keys(environment!).filter((name) => !names.has(name))).toEqual([]);
    const presets = Object.entries(environment!).map(([name, value]) => [
      name,
      value.replace(/^\$\{\w+:-(.*)\}$/, '$1'),
    ]);
    expect(JSON.stringify(readConfig(Object.fromEntries(presets)))).toBe(JSON.stringify(readConfig({})));
    for (const volume of Object.values(services).flatMap((service) => service.volumes ?? [])) {
      const [source] = volume.split(':');
      if (source.startsWith('./')) expect(existsSync(join(FOLDER, source)), source).toBe(true);
      else expect(volumes).toHaveProperty(source);
    }
  });

  it('Prometheus asks the port that the origin listens on', () => {
    const { scrape_configs } = parse(read('prometheus.yml'));
    expect(scrape_configs[0].static_configs[0].targets).toEqual(['origin:8788']);
    expect(scrape_configs[0].metrics_path).toBe('/metrics');
  });
});
