import { html } from 'hono/html';
import type { OriginReport } from '../../placement/origin-pool.ts';

/** A page that shows the origins and their state. */
export function originsPage(origins: readonly OriginReport[]) {
  const ready = origins.filter((origin) => origin.ready).length;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sori: origins</title>
</head>
<body>
<h1>Origins: ${ready} of ${origins.length} ready</h1>
<table>
<thead><tr><th scope="col">Origin</th><th scope="col">Ready</th><th scope="col">Circuit breaker</th><th scope="col">Weight</th><th scope="col">Models</th></tr></thead>
<tbody>
${origins.map(
  ({ url, ready: isReady, state, weight, models }) =>
    html`<tr><td>${url}</td><td>${isReady ? 'yes' : 'no'}</td><td>${state}</td><td>${weight}</td><td>${models.join(', ') || 'not known yet'}</td></tr>
`,
)}
</tbody>
</table>
</body>
</html>
`;
}
