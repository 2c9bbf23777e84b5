/**
 * The layers of src, from the top down. A folder may import from its own layer and from the layers below it, type imports included.
 * `npm run layers` checks this and prints what breaks it.
 */
const LAYERS = [
  '^src/(worker|origin)\\.ts$',
  '^src/(edge|origin|sdk)/',
  '^src/app\\.ts$',
  '^src/features/studio/',
  '^src/features/(elevenlabs|deepgram|kokoro|voice-agents|mcp|sessions)/',
  '^src/features/(jobs|prompts|models|operations)/',
  '^src/features/(speech-translation|speakers|generation)/',
  '^src/features/voices/',
  '^src/features/transcription/',
  '^src/features/speech/',
  '^src/features/delivery/',
  '^src/features/keys/',
  '^src/placement/',
  '^src/http/',
  '^src/library/',
  '^src/engine/',
  '^src/models/',
  '^src/synthesis/',
  '^src/text/',
  '^src/(inference|shards)/',
  '^src/(audio|database)/',
  '^src/base/',
];

const layerRules = LAYERS.slice(1).map((layer, index) => ({
  name: `below-${layer.replaceAll(/[^\w|]/g, '').replace('src', '')}`,
  comment: 'Imports point down the list of layers.',
  severity: 'error',
  from: { path: layer },
  to: { path: LAYERS.slice(0, index + 1) },
}));

export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'features-through-index',
      comment: 'A feature uses another feature only through its index.ts.',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: { path: '^src/features/[^/]+/', pathNot: ['^src/features/$1/', '^src/features/[^/]+/index\\.ts$'] },
    },
    {
      name: 'portable-synthesis',
      comment:
        'Text and synthesis run unchanged in workerd, Node and a browser. Drivers of the waveform kernel are named for their platform.',
      severity: 'error',
      from: { path: '^src/(text|synthesis)/', pathNot: '/kernel/node\\.ts$' },
      to: { path: '^(hono|node:|cloudflare:)|node_modules/(hono|@hono)/', dependencyTypesNot: ['local'] },
    },
    {
      name: 'http-without-onnx',
      comment: 'Routes use the SpeechEngine interface and no inference backend.',
      severity: 'error',
      from: { path: '^src/(http|features)/' },
      to: { path: '^src/inference/|onnxruntime' },
    },
    ...layerRules,
  ],
  options: { parser: 'swc', tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
};
