/** The first line of "Twinkle, Twinkle, Little Star" as a JSON score. */
export const EXAMPLE = {
  title: 'Twinkle, Twinkle, Little Star',
  tempo: 100,
  parts: [
    {
      notes: [
        { pitch: 'C4', duration: 1, lyric: 'Twin-' },
        { pitch: 'C4', duration: 1, lyric: 'kle,' },
        { pitch: 'G4', duration: 1, lyric: 'twin-' },
        { pitch: 'G4', duration: 1, lyric: 'kle,' },
        { pitch: 'A4', duration: 1, lyric: 'lit-' },
        { pitch: 'A4', duration: 1, lyric: 'tle' },
        { pitch: 'G4', duration: 2, lyric: 'star,', breath: true },
        { pitch: 'F4', duration: 1, lyric: 'How' },
        { pitch: 'F4', duration: 1, lyric: 'I' },
        { pitch: 'E4', duration: 1, lyric: 'won-' },
        { pitch: 'E4', duration: 1, lyric: 'der' },
        { pitch: 'D4', duration: 1, lyric: 'what' },
        { pitch: 'D4', duration: 1, lyric: 'you' },
        { pitch: 'C4', duration: 2, lyric: 'are.' },
      ],
    },
  ],
};
