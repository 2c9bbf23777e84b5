import { analysis, pitchRangeOf } from '../analysis/analysis.ts';
import { BANDS } from '../analysis/mel.ts';
import { t } from '../i18n/index.ts';
import { colour, useCanvas } from './canvas.ts';

/** Pitches at the bottom and the top of the picture, on a logarithmic scale. */
const LOW_HZ = 60;
const HIGH_HZ = 500;

/** The mel spectrogram of what was spoken, and its pitch as a line. */
export function Plots() {
  const { columns, pitch } = analysis.value;
  const canvas = useCanvas((context, width, height) => {
    if (columns.length === 0) return;
    const image = context.createImageData(Math.max(1, Math.round(width)), BANDS);
    const quiet = rgb(colour(context.canvas, '--plot-quiet'));
    const loud = rgb(colour(context.canvas, '--plot-loud'));
    for (let x = 0; x < image.width; x++) {
      const column = columns[Math.floor((x / image.width) * columns.length)];
      for (let band = 0; band < BANDS; band++) {
        const share = column[band] / 255;
        const at = 4 * ((BANDS - 1 - band) * image.width + x);
        for (let part = 0; part < 3; part++)
          image.data[at + part] = quiet[part] + share * (loud[part] - quiet[part]);
        image.data[at + 3] = 255;
      }
    }
    const drawing = new OffscreenCanvas(image.width, BANDS);
    drawing.getContext('2d')?.putImageData(image, 0, 0);
    context.drawImage(drawing, 0, 0, width, height);
    drawPitch(context, pitch, width, height);
  });
  const range = pitchRangeOf(pitch);
  return (
    <details class="card plots">
      <summary>{t('plots')}</summary>
      <canvas ref={canvas} role="img" aria-label={t('plotLabel')} />
      <p class="small muted">{range ? t('pitchSummary', range) : t('plotEmpty')}</p>
    </details>
  );
}

function drawPitch(
  context: CanvasRenderingContext2D,
  pitch: readonly number[],
  width: number,
  height: number,
): void {
  context.strokeStyle = colour(context.canvas, '--plot-line');
  context.lineWidth = 2;
  context.lineJoin = 'round';
  context.beginPath();
  let down = false;
  for (const [index, hertz] of pitch.entries()) {
    if (hertz === 0) {
      down = false;
      continue;
    }
    const x = (index / pitch.length) * width;
    const y = height * (1 - Math.log(hertz / LOW_HZ) / Math.log(HIGH_HZ / LOW_HZ));
    if (down) context.lineTo(x, y);
    else context.moveTo(x, y);
    down = true;
  }
  context.stroke();
}

/** Red, green and blue of `#rrggbb`. */
function rgb(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
