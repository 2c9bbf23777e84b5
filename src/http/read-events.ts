/**
 * Reads the JSON of server-sent events (WHATWG HTML, section 9.2), as our own routes write them: one `data` line an event.
 * @throws what reading the stream throws.
 */
export async function* readEvents<Event>(body: ReadableStream<Uint8Array>): AsyncGenerator<Event, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let held = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      held += decoder.decode(value, { stream: !done });
      for (let end = held.indexOf('\n\n'); end >= 0; end = held.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(held.slice(0, end))?.[1];
        held = held.slice(end + 2);
        if (data !== undefined) yield JSON.parse(data) as Event;
      }
      if (done) return;
    }
  } finally {
    // The client has gone: what makes the events should stop.
    await reader.cancel().catch(() => {});
  }
}

/** A stream of lines of JSON, made as it is read. */
export function jsonLines(values: AsyncGenerator<unknown, void>): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await values.next();
        if (done) controller.close();
        else controller.enqueue(utf8.encode(`${JSON.stringify(value)}\n`));
      } catch (error) {
        controller.error(error);
      }
    },
    async cancel() {
      await values.return();
    },
  });
}
