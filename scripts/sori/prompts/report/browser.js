/** What the report does in a browser: search, sort, play. It writes no HTML, so that nothing that is spoken can become code. */
(() => {
  const $ = (id) => document.getElementById(id);
  const body = document.querySelector('tbody');
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const audio = new Audio();
  audio.preload = 'none';
  let playing;

  const shown = () => rows.filter((row) => !row.hidden);
  const wave = (row) => row.querySelector('svg');
  const SVG = 'http://www.w3.org/2000/svg';

  function filter() {
    const words = $('search').value.toLowerCase().split(/\s+/).filter(Boolean);
    const voice = $('voice').value;
    const language = $('language').value;
    const check = $('check').checked;
    for (const row of rows) {
      row.hidden =
        !words.every((word) => texts.get(row).includes(word)) ||
        (voice !== '' && row.dataset.voice !== voice) ||
        (language !== '' && row.dataset.language !== language) ||
        (check && !('check' in row.dataset));
    }
    const count = shown().length;
    $('count').value = count === rows.length ? `${count} shown` : `${count} of ${rows.length} shown`;
    $('none').hidden = count > 0;
    if (!shown().some((row) => row.tabIndex === 0)) choose(shown()[0], false);
  }

  /** The row that Tab reaches; the arrow keys take it on from there. */
  function choose(row, focus = true) {
    for (const other of rows) other.tabIndex = -1;
    if (!row) return;
    row.tabIndex = 0;
    if (focus) {
      row.focus({ preventScroll: true });
      row.scrollIntoView({ block: 'nearest' });
    }
  }

  function sort(heading) {
    const { key } = heading.dataset;
    const descending = heading.getAttribute('aria-sort') === 'ascending';
    for (const other of heading.parentElement.cells) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    const number = heading.classList.contains('number') || key === 'version';
    const collator = new Intl.Collator('en', { numeric: true });
    const compare = (one, other) => {
      const [a, b] = [one.dataset[key], other.dataset[key]];
      // What has no value comes last either way.
      if (a === '' || b === '') return (a === '') - (b === '');
      const order = number ? a - b : collator.compare(a, b);
      return descending ? -order : order;
    };
    rows.sort(compare);
    body.append(...rows);
  }

  function show() {
    if (!playing) return;
    const share = audio.duration ? audio.currentTime / audio.duration : 0;
    const svg = wave(playing);
    svg.style.setProperty('--heard', `${100 * share}%`);
    svg.setAttribute('aria-valuenow', String(Math.round(100 * share)));
    if (!audio.paused) requestAnimationFrame(show);
  }

  function leave() {
    if (!playing) return;
    playing.classList.remove('playing');
    playing.querySelector('button').setAttribute('aria-pressed', 'false');
    playing.querySelector('.heard')?.remove();
    wave(playing).setAttribute('aria-valuenow', '0');
  }

  async function play(row, share) {
    if (playing !== row) {
      leave();
      playing = row;
      audio.src = row.dataset.source;
      const heard = document.createElementNS(SVG, 'path');
      heard.setAttribute('d', row.querySelector('path').getAttribute('d'));
      heard.setAttribute('class', 'heard');
      wave(row).append(heard);
    }
    row.classList.remove('failed');
    if (share !== undefined) await seek(share);
    try {
      await audio.play();
    } catch (error) {
      // Another one was started meanwhile.
      if (error.name === 'AbortError') return;
      row.classList.add('failed');
      row.querySelector('button').title = `It can't be played: ${error.message}`;
    }
  }

  async function seek(share) {
    if (!audio.duration) {
      audio.preload = 'auto';
      audio.load();
      await new Promise((done) => {
        audio.addEventListener('loadedmetadata', done, { once: true });
        audio.addEventListener('error', done, { once: true });
      });
    }
    if (audio.duration) audio.currentTime = Math.min(Math.max(share, 0), 0.999) * audio.duration;
    show();
  }

  const toggle = (row) => (playing === row && !audio.paused ? audio.pause() : play(row));

  audio.addEventListener('playing', () => {
    playing.classList.add('playing');
    playing.querySelector('button').setAttribute('aria-pressed', 'true');
    show();
  });
  audio.addEventListener('pause', () => {
    playing.classList.remove('playing');
    playing.querySelector('button').setAttribute('aria-pressed', 'false');
  });
  audio.addEventListener('ended', () => {
    const all = shown();
    const next = all[all.indexOf(playing) + 1];
    leave();
    playing = undefined;
    if ($('on').checked && next) {
      choose(next, body.contains(document.activeElement));
      play(next);
    }
  });

  body.addEventListener('click', (event) => {
    const row = event.target.closest('tr');
    const svg = event.target.closest('svg');
    if (svg) {
      const { left, width } = svg.getBoundingClientRect();
      play(row, (event.clientX - left) / width);
    } else if (event.target.closest('button')) toggle(row);
    if (svg || event.target.closest('button')) choose(row);
  });
  document.querySelector('thead').addEventListener('click', (event) => {
    const heading = event.target.closest('button')?.closest('th');
    if (heading) sort(heading);
  });
  for (const id of ['search', 'voice', 'language', 'check']) $(id).addEventListener('input', filter);
  $('form').addEventListener('submit', (event) => {
    event.preventDefault();
    choose(shown()[0]);
  });

  const move = (row, by) => {
    const all = shown();
    choose(all[Math.min(Math.max(all.indexOf(row) + by, 0), all.length - 1)]);
  };
  const KEYS = {
    ArrowDown: (row) => move(row, 1),
    ArrowUp: (row) => move(row, -1),
    j: (row) => move(row, 1),
    k: (row) => move(row, -1),
    PageDown: (row) => move(row, 10),
    PageUp: (row) => move(row, -10),
    Home: (row) => move(row, -Infinity),
    End: (row) => move(row, Infinity),
    Enter: (row) => toggle(row),
    ' ': (row) => toggle(row),
    ArrowRight: (row) => row === playing && audio.duration && seek((audio.currentTime + 1) / audio.duration),
    ArrowLeft: (row) => row === playing && audio.duration && seek((audio.currentTime - 1) / audio.duration),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches('input, select');
    if (event.key === 'Escape' && event.target === $('search')) {
      $('search').value = '';
      filter();
    } else if (event.key === '/' && !typing) {
      event.preventDefault();
      $('search').focus();
    } else if (event.key === 'ArrowDown' && event.target === $('search')) {
      event.preventDefault();
      choose(shown()[0]);
    } else if (!typing && event.target.tagName !== 'BUTTON' && event.key in KEYS) {
      const row = event.target.closest?.('tbody tr') ?? rows.find(({ tabIndex }) => tabIndex === 0);
      if (!row) return;
      event.preventDefault();
      KEYS[event.key](row);
    }
  });

  filter();
})();
