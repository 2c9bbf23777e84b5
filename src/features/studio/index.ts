export { pageRoute } from './page.ts';
