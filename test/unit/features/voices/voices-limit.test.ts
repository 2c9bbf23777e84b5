import { expect, it } from 'vitest';
import { Consents } from '../../../../src/features/voices/consents.ts';
import { MAX_VOICES, type NewVoice, Voices } from '../../../../src/features/voices/voice-store.ts';
import { countingDatabase } from '../../../support/apps/access-app.ts';

const OWNER = 'key_1';
const VOICE: NewVoice = {
  owner: OWNER,
  name: 'Ana',
  description: '',
  model: 'tone-1',
  language: 'en-US',
  style: 'sty_x',
  provenance: { recordings: [], consent: { kind: 'statement', text: 'Yes.', signedBy: 'Ops' }, key: OWNER },
};

it('when two make the last possible voice, one succeeds, and the consent of the other stays valid', async () => {
  const { database } = await countingDatabase();
  const voices = new Voices(database);
  const consents = new Consents(database);
  for (let i = 1; i < MAX_VOICES; i++) await voices.create(VOICE);
  const claims = [
    { id: (await consents.create(OWNER)).id, owner: OWNER },
    { id: (await consents.create(OWNER)).id, owner: OWNER },
  ];
  const [first, second] = await Promise.allSettled(claims.map((claim) => voices.create(VOICE, claim)));
  expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
  expect(second).toMatchObject({ reason: { code: 'invalid_value' } });
  expect(await voices.list(OWNER)).toHaveLength(MAX_VOICES);
  await expect(voices.create(VOICE)).rejects.toMatchObject({ code: 'invalid_value' });
  await expect(voices.create({ ...VOICE, owner: 'key_2' })).resolves.toMatchObject({ owner: 'key_2' });
  await expect(consents.find(claims[0])).rejects.toMatchObject({ code: 'invalid_consent' });
  expect(await consents.find(claims[1])).toContain('My code is');
});
