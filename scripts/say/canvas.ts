import { glyphOf, LINE_HEIGHT, widthOf } from './font.ts';
import { encodePng } from './png.ts';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** A picture to draw on. Drawing outside of it has no effect. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #rgb: Uint8Array;

  /** @param width pixels. */
  constructor(width: number, height: number, paper: Colour) {
    this.width = width;
    this.height = height;
    this.#rgb = new Uint8Array(width * height * 3);
    this.fill(0, 0, width, height, paper);
  }

  /** Fills a rectangle. */
  fill(x: number, y: number, width: number, height: number, colour: Colour): void {
    const left = Math.max(0, Math.round(x));
    const right = Math.min(this.width, Math.round(x + width));
    const bottom = Math.min(this.height, Math.round(y + height));
    for (let row = Math.max(0, Math.round(y)); row < bottom; row++) {
      for (let column = left; column < right; column++)
        this.#rgb.set(colour, 3 * (row * this.width + column));
    }
  }

  /** Draws a line two pixels thick from one point to another. */
  line(x0: number, y0: number, x1: number, y1: number, colour: Colour): void {
    const steps = Math.max(1, Math.ceil(Math.abs(x1 - x0)), Math.ceil(Math.abs(y1 - y0)));
    for (let i = 0; i <= steps; i++) {
      const at = i / steps;
      this.fill(x0 + (x1 - x0) * at - 0.5, y0 + (y1 - y0) * at - 0.5, 2, 2, colour);
    }
  }

  /** Writes text with its upper left corner at a point. */
  text(x: number, y: number, text: string, colour: Colour): void {
    let column = Math.round(x);
    for (const character of text) {
      for (const pixels of glyphOf(character)) {
        for (let row = 0; row < LINE_HEIGHT; row++) {
          if ((pixels >> row) & 1) this.fill(column, Math.round(y) + row, 1, 1, colour);
        }
        column++;
      }
    }
  }

  /** Writes text centred between two columns, if it fits. */
  centred(left: number, right: number, y: number, text: string, colour: Colour): void {
    const width = widthOf(text);
    if (width <= right - left) this.text((left + right - width) / 2, y, text, colour);
  }

  /** The picture as a PNG file. */
  png(): Buffer {
    return encodePng(this.width, this.height, this.#rgb);
  }
}
