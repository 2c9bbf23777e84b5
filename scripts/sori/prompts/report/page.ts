import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { html, raw } from 'hono/html';
import { WAVEFORM_BARS, WAVEFORM_HEIGHT, waveformPath } from './waveform.ts';

/** A recording as the report shows it. */
export interface ReportRow {
  readonly name: string;
  readonly locale: string | undefined;
  readonly language: string;
  readonly text: string;
  readonly voice: string;
  readonly seconds: number;
  /** LUFS; null if it is too quiet to measure. */
  readonly loudness: number | null;
  readonly version: number;
  readonly stale: boolean;
  readonly tags: readonly string[];
  /** Address of its audio, or the audio itself (`data:`). */
  readonly source: string;
  /** Of its waveform, from 0 to 1. */
  readonly peaks: readonly number[];
}

/** Contents of the page. */
export interface Report {
  readonly rows: readonly ReportRow[];
  /** The server. */
  readonly server: URL;
  readonly made: Date;
}

/** Difference from the median loudness that is noticeable, in LU. */
const LOUDNESS_TOLERANCE = 3;

/** Minimum full scale, so that noise is not scaled up to look like speech. */
const LEAST_LOUD = 0.1;

const asset = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

type Html = ReturnType<typeof html>;

/**
 * The report: one self-contained HTML file, with the audio in it or by URL. `html` escapes the texts of prompts, and the content security
 * policy allows only the page's own script.
 */
export async function reportPage({ rows, server, made }: Report): Promise<string> {
  const style = asset('style.css');
  const script = asset('browser.js');
  const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; media-src ${server.origin} data:; img-src data:; base-uri 'none'; form-action 'none'`;
  // One scale for all waveforms, so that they can be compared.
  const loudest = rows.reduce((most, { peaks }) => Math.max(most, ...peaks), LEAST_LOUD);
  const middle = median(rows.flatMap(({ loudness }) => loudness ?? []));
  const page = await html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Prompts of ${server.host}</title>
<link rel="icon" href="data:,">
<style>${raw(style)}</style>
<main>
<header>
<h1>Prompts</h1>
<p>of ${server.host}, as of ${made.toISOString().slice(0, 16).replace('T', ' ')} UTC</p>
${facts(rows, middle)}
</header>
${tools(rows)}
<div class="sheet">
<table>
<thead><tr><th class="play"><span hidden>Play</span><th class="wave">Waveform${headings()}
<tbody>
${rows.map((row) => rowHtml(row, middle, loudest))}
</table>
<p class="none" id="none" hidden>No prompt matches.</p>
</div>
<footer><kbd>/</kbd> search · <kbd>↑</kbd> <kbd>↓</kbd> choose · <kbd>Space</kbd> play · <kbd>←</kbd> <kbd>→</kbd> a second back or on</footer>
</main>
<script>${raw(script)}</script>
</html>
`;
  return String(page);
}

function facts(rows: readonly ReportRow[], middle: number | undefined): Html {
  const prompts = new Set(rows.map(({ name }) => name)).size;
  const stale = rows.filter((row) => row.stale).length;
  const off = rows.filter((row) => isOff(row, middle)).length;
  const languages = new Set(rows.map(({ language }) => language)).size;
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  const fact = (value: string | number, label: string, warn = false) =>
    html`<div class="${warn ? 'warn' : ''}"><dt>${label}</dt><dd>${value}</dd></div>`;
  return html`<dl class="facts">${fact(prompts, prompts === 1 ? 'prompt' : 'prompts')}${
    rows.length > prompts ? fact(rows.length, 'recordings') : ''
  }${languages > 1 ? fact(languages, 'languages') : ''}${fact(clock(seconds), 'of speech')}${
    middle === undefined ? '' : fact(`${decimal(middle)} LUFS`, 'median loudness')
  }${stale > 0 ? fact(stale, 'stale', true) : ''}${
    off > 0 ? fact(off, `over ${LOUDNESS_TOLERANCE} LU off the median`, true) : ''
  }</dl>`;
}

function tools(rows: readonly ReportRow[]): Html {
  const options = (values: readonly string[]) =>
    [...new Set(values)].sort().map((value) => html`<option>${value}</option>`);
  return html`<form id="form" role="search">
<input id="search" type="search" placeholder="Search names, texts, tags …" aria-label="Search" autocomplete="off">
<select id="voice" aria-label="Voice"><option value="">All voices</option>${options(rows.map(({ voice }) => voice))}</select>
<select id="language" aria-label="Language"><option value="">All languages</option>${options(rows.map(({ language }) => language))}</select>
<label><input id="check" type="checkbox"> Needs a look</label>
<label><input id="on" type="checkbox"> Play on</label>
<output id="count" aria-live="polite"></output>
</form>`;
}

function headings(): Html {
  const heading = (key: string, label: string, kind: string) =>
    html`<th class="${kind}" data-key="${key}"><button type="button">${label}</button>`;
  return html`${heading('name', 'Name', 'name')}${heading('text', 'Text', 'text')}${heading('voice', 'Voice', 'voice')}${heading('seconds', 'Duration', 'number')}${heading('loudness', 'LUFS', 'number')}${heading('version', 'Version', 'version')}`;
}

function rowHtml(row: ReportRow, middle: number | undefined, loudest: number): Html {
  const { name, locale, language, text, voice, seconds, loudness, version, stale, tags, source, peaks } = row;
  const off = isOff(row, middle);
  const label = locale === undefined ? name : `${name}, ${locale}`;
  const width = WAVEFORM_BARS * 3;
  return html`<tr tabindex="-1" data-name="${name}" data-text="${text}" data-voice="${voice}" data-language="${language}" data-seconds="${seconds}" data-loudness="${loudness ?? ''}" data-version="${version}" data-source="${source}"${stale || off ? raw(' data-check') : ''}>
<td class="play"><button type="button" tabindex="-1" aria-pressed="false" aria-label="Play ${label}"></button>
<td class="wave"><svg viewBox="0 0 ${width} ${WAVEFORM_HEIGHT}" preserveAspectRatio="none" role="slider" aria-label="Position in ${label}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"><path d="${waveformPath(peaks, loudest)}"/></svg>
<td class="name">${name}<div>${locale === undefined ? '' : html`<span class="chip">${locale}</span>`}${tags.map((tag) => html`<span class="chip">${tag}</span>`)}</div>
<td class="text" dir="auto" lang="${language}">${text}
<td class="voice">${voice.replaceAll(',', ', ')}<div class="soft">${language}</div>
<td class="number">${clock(seconds, 1)}
<td class="number ${loudness === null ? 'empty' : 'loudness'}${off ? ' off' : ''}"${off ? html` title="The median is ${decimal(middle ?? 0)} LUFS."` : ''}>${loudness === null ? '–' : decimal(loudness)}
<td class="version">${version}${stale ? html` <span class="chip mark" title="Baked with another model or synthesis than that of now.">stale</span>` : ''}
`;
}

function isOff({ loudness }: ReportRow, middle: number | undefined): boolean {
  return loudness !== null && middle !== undefined && Math.abs(loudness - middle) > LOUDNESS_TOLERANCE;
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
}

/** `1:02.3`, or with hours `1:00:00`. */
function clock(seconds: number, digits = 0): string {
  const tenths = Number(seconds.toFixed(digits));
  const hours = Math.floor(tenths / 3600);
  const minutes = Math.floor((tenths % 3600) / 60);
  const rest = (tenths % 60).toFixed(digits).padStart(digits > 0 ? 3 + digits : 2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** With a minus sign of the width of a digit. */
function decimal(value: number): string {
  return value.toFixed(1).replace('-', '−');
}
