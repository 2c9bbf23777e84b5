import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { type RunningServer, runServer, serverFolder } from '../../support/servers/running-server.ts';
import { accessCases } from './access.cases.ts';
import { galleryCases } from './gallery.cases.ts';
import { tabCases } from './in-this-tab.cases.ts';
import { jobCases } from './jobs.cases.ts';
import { launchBrowser, type StudioSetting } from './open-studio.ts';
import { promptCases } from './prompts.cases.ts';
import { singCases } from './sing.cases.ts';
import { speakCases } from './speak.cases.ts';
import { voiceCases } from './voices.cases.ts';

let browser: Browser;
let folder: Awaited<ReturnType<typeof serverFolder>>;
let server: RunningServer;
beforeAll(async () => {
  folder = await serverFolder();
  browser = await launchBrowser();
  server = await runServer(folder.path);
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const setting: StudioSetting = {
  browser: () => browser,
  server: () => server,
  folder: () => folder.path,
};

describe('speaking', () => speakCases(setting));
describe('singing', () => singCases(setting));
describe('the gallery', () => galleryCases(setting));
describe('cloned voices', () => voiceCases(setting));
describe('prompts', () => promptCases(setting));
describe('jobs', () => jobCases(setting));
describe('in this tab', () => tabCases(setting));
describe('accessibility', () => accessCases(setting));
