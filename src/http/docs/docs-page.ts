/** The copy of Redoc in `assets/docs`. Its name holds the version, so that browsers keep it for a year. */
const RENDERER = 'docs/redoc-3.0.1.js';

/** SHA-256 of the style attributes that Redoc puts into HTML. Another version may have others: the browser test reports them. */
const STYLE_ATTRIBUTES = [
  'sha256-7ehLgr6B1PSVlt7APob9aQnikTqwi4eL8iOvGY1jo28=',
  'sha256-xuqlDWaitIpeAT/XNffqnHXnKDVmY6vQFK5sqxAuLmI=',
];

/** The page's Content-Security-Policy: everything comes from this host, and no inline script runs. */
export function docsPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    `style-src-attr 'unsafe-hashes' ${STYLE_ATTRIBUTES.map((hash) => `'${hash}'`).join(' ')}`,
    'img-src data:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * The page of `GET /docs`: Redoc, which reads `openapi.json` in the browser. Addresses are relative, so that the page works below any path.
 * @param nonce of the style elements, as {@link docsPolicy} has it.
 */
export function docsPage(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" nonce="${nonce}" content="${nonce}">
<title>Sori API</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">body { margin: 0 }</style>
<redoc spec-url="openapi.json" router="hash" disable-telemetry="true" hide-schema-titles="true" schemas-expansion-level="0"></redoc>
<noscript>This page needs JavaScript. <a href="openapi.json">openapi.json</a> has the same contents.</noscript>
<script type="module" src="${RENDERER}"></script>
</html>
`;
}
