/** A variable of the environment that an origin reads. */
export interface Variable {
  readonly name: string;
  /** The default: a value, or a description in words. */
  readonly preset: string;
  readonly about: string;
}

/** All of them, for `--help` and `docs/origin.md`. */
export const VARIABLES: readonly Variable[] = [
  { name: 'PORT', preset: '8788', about: 'port to listen on; 0 for any' },
  { name: 'HOST', preset: '127.0.0.1', about: 'address to listen on; 0.0.0.0 for all' },
  {
    name: 'AUTH',
    preset: 'on',
    about: '"off" requires no API key; allowed on a loopback address only',
  },
  { name: 'ADMIN_KEY_SHA256', preset: 'none', about: 'hash of the administrator’s API key' },
  { name: 'SIGNING_KEYS', preset: 'none', about: 'secrets of signed URLs, as the Worker has them' },
  {
    name: 'ORIGIN_SECRETS',
    preset: 'none',
    about:
      'secrets shared with edges ("k2:secret,k1:secret"); with them it answers only requests that an edge has signed',
  },
  {
    name: 'ORIGIN_TLS_CERT',
    preset: 'none',
    about:
      'PEM file of the certificate and its intermediate certificates; with it the origin accepts HTTPS only',
  },
  { name: 'ORIGIN_TLS_KEY', preset: 'none', about: 'PEM file of its key' },
  {
    name: 'ORIGIN_TLS_CLIENT_CA',
    preset: 'none',
    about:
      'PEM file of a CA; only clients with a certificate of this CA are accepted, and they are treated as edges',
  },
  {
    name: 'OPEN_METRICS',
    preset: 'off',
    about:
      '"on" answers /metrics without a key or signature; use it only where no stranger can reach the port',
  },
  { name: 'CORS_ORIGINS', preset: '*', about: 'origins whose pages may call the API' },
  {
    name: 'TRUST_PROXY',
    preset: 'none',
    about: 'proxies whose X-Forwarded-For is trusted: addresses, CIDR ranges, "loopback", "private"',
  },
  {
    name: 'WEBHOOK_SECRETS',
    preset: 'none',
    about: 'sign webhooks of API keys without a secret of their own: "whsec_new,whsec_old"',
  },
  { name: 'WEBHOOK_PORTS', preset: '443,8443', about: 'ports to which webhooks may be sent' },
  {
    name: 'ALLOW_INSECURE_WEBHOOKS',
    preset: 'off',
    about: '"on" allows webhooks to this machine, over http and on any port: for development',
  },
  { name: 'LOG_TEXT', preset: '0', about: '"1" writes the text of requests into the log' },
  { name: 'REFERENCE_STYLES', preset: 'off', about: '"on" allows styles made from recordings' },
  { name: 'SPEAKER_PROFILES', preset: 'off', about: '"on" lets models estimate the sex and age of speakers' },
  { name: 'VOICE_CONSENT', preset: 'recording', about: 'how speakers consent: recording, statement or both' },
  { name: 'MODELS', preset: 'sori-2', about: 'models served; the first is the default' },
  {
    name: 'SHARDS',
    preset: 'shards/ of the repository',
    about: 'where the models are: a folder, an http(s) address, or "bucket" for shards/ in S3_BUCKET',
  },
  {
    name: 'SORI_EP',
    preset: 'cuda,webgpu,cpu',
    about: 'execution providers; the first that works is used. "wasm" makes the same bytes as a Worker',
  },
  {
    name: 'SORI_THREADS',
    preset: 'one per core',
    about: 'threads within one operation of the CPU',
  },
  {
    name: 'SORI_BATCH',
    preset: '8 on a CPU, 32 elsewhere',
    about: 'largest batch of utterances; 1 runs each alone, with the same samples',
  },
  {
    name: 'SORI_BATCH_DELAY',
    preset: '4',
    about: 'longest time in milliseconds that an utterance waits for others while nothing runs',
  },
  {
    name: 'SORI_MODELS',
    preset: 'models in STATE_DIR',
    about: 'directory of models of other makers, which "npm run sori -- models" manages',
  },
  {
    name: 'SORI_MODELS_MEMORY',
    preset: '4096',
    about: 'MiB that those models may take together; the least recently used one is unloaded',
  },
  { name: 'STATE_DIR', preset: '.sori', about: 'folder of the database, and of the audio without a bucket' },
  { name: 'S3_BUCKET', preset: 'none', about: 'bucket that stores the audio' },
  {
    name: 'S3_ENDPOINT',
    preset: 'AWS',
    about: 'address of the storage: https://<account>.r2.cloudflarestorage.com',
  },
  { name: 'S3_REGION', preset: 'auto', about: 'region of the bucket' },
  { name: 'S3_ACCESS_KEY_ID', preset: 'as AWS’s tools find it', about: 'access key id' },
  { name: 'S3_SECRET_ACCESS_KEY', preset: 'as AWS’s tools find it', about: 'secret access key' },
  {
    name: 'KEEP_VERSIONS',
    preset: 'all',
    about: 'versions of a prompt that are kept, including the current one',
  },
  {
    name: 'KEEP_AUDIO_DAYS',
    preset: 'for ever',
    about: 'days after which audio that no prompt uses is deleted, and data of deleted prompts',
  },
  { name: 'KEEP_JOBS_DAYS', preset: '30', about: 'days that a job is kept after its end' },
  {
    name: 'JOB_WAIT_HOURS',
    preset: '24',
    about: 'hours that a job may wait for a model or origin that is not available',
  },
  { name: 'MAX_REQUESTS', preset: '64', about: 'speech requests at once; the next is 503 overloaded' },
  { name: 'REQUEST_TIMEOUT', preset: '300', about: 'seconds that the work of a request may take' },
  { name: 'DRAIN_TIMEOUT', preset: '60', about: 'seconds that running requests may take after SIGTERM' },
];

/** The text of `--help`. */
export function helpText(): string {
  const width = Math.max(...VARIABLES.map(({ name }) => name.length)) + 2;
  const lines = VARIABLES.map(
    ({ name, preset, about }) =>
      `  ${name.padEnd(width)}${about}\n${' '.repeat(width + 2)}default: ${preset}`,
  );
  return `Usage: npm run origin

Runs Sori's HTTP interface on Node, with the native runtime, on a GPU if there is one. It is configured by environment variables:

${lines.join('\n')}

SIGTERM and SIGINT end it when current requests are done; a second one ends it at once.
`;
}
