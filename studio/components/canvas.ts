import { useEffect, useRef } from 'preact/hooks';

/** A colour of the design, for drawing. */
export function colour(element: Element, token: string): string {
  return getComputedStyle(element).getPropertyValue(token).trim();
}

/**
 * A canvas that is drawn anew when it is rendered, when its size changes and when the colour scheme does.
 * @param draw gets the context, scaled so that a unit is a CSS pixel.
 */
export function useCanvas(draw: (context: CanvasRenderingContext2D, width: number, height: number) => void) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  latest.current = draw;
  const paint = () => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const { clientWidth: width, clientHeight: height } = element;
    const ratio = devicePixelRatio;
    if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) {
      element.width = Math.round(width * ratio);
      element.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (width > 0 && height > 0) latest.current(context, width, height);
  };
  useEffect(paint);
  useEffect(() => {
    const sizes = new ResizeObserver(paint);
    if (canvas.current) sizes.observe(canvas.current);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', paint);
    const theme = new MutationObserver(paint);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      sizes.disconnect();
      scheme.removeEventListener('change', paint);
      theme.disconnect();
    };
  }, []);
  return canvas;
}
