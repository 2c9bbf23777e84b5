export { checkGeneration, generateForJob } from './generate.ts';
export { generationRoute } from './routes.ts';
export { type GenerationBody, generationSchema, parseGeneration } from './schema.ts';
