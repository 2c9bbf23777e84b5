import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { launchBrowser } from '../support/launch-browser.ts';
import { type RunningServer, runServer, serverFolder } from '../support/servers/running-server.ts';
import { docsCases } from './docs.cases.ts';
import { accessCases } from './studio/access.cases.ts';
import { galleryCases } from './studio/gallery.cases.ts';
import { tabCases } from './studio/in-this-tab.cases.ts';
import { jobCases } from './studio/jobs.cases.ts';
import type { StudioSetting } from './studio/open-studio.ts';
import { promptCases } from './studio/prompts.cases.ts';
import { singCases } from './studio/sing.cases.ts';
import { speakCases } from './studio/speak.cases.ts';
import { voiceCases } from './studio/voices.cases.ts';

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

describe('the studio', () => {
  describe('speaking', () => speakCases(setting));
  describe('singing', () => singCases(setting));
  describe('the gallery', () => galleryCases(setting));
  describe('cloned voices', () => voiceCases(setting));
  describe('prompts', () => promptCases(setting));
  describe('jobs', () => jobCases(setting));
  describe('in this tab', () => tabCases(setting));
  describe('accessibility', () => accessCases(setting));
});

describe('the API page', () => docsCases(setting));
