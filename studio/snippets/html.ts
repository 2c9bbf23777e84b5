import { fullBody, json, type SnippetInput } from './snippet.ts';

/** A page with a button that speaks. */
export function htmlSnippet(given: SnippetInput): string {
  const format = ['mp3', 'aac', 'm4a', 'wav', 'flac', 'opus'].includes(given.format) ? given.format : 'mp3';
  // "</script" and "<!--" in a text would end the script.
  const body = json(fullBody({ ...given, format }))
    .replaceAll('<', '\\u003c')
    .replaceAll('\n', '\n      ');
  const key = given.key
    ? "\n        // A page shows its key to everyone: call your own server, or use a signed URL.\n        Authorization: 'Bearer ' + prompt('API key'),"
    : '';
  return `<!doctype html>
<meta charset="utf-8">
<button id="speak">Speak</button>
<audio id="player" controls></audio>
<script type="module">
  document.getElementById('speak').onclick = async () => {
    const response = await fetch(${JSON.stringify(`${given.base}v1/audio/speech`)}, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',${key}
      },
      body: JSON.stringify(${body}),
    });
    if (!response.ok) throw new Error(await response.text());
    const player = document.getElementById('player');
    player.src = URL.createObjectURL(await response.blob());
    await player.play();
  };
</script>
`;
}
