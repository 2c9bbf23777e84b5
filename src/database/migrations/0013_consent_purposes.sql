-- What a speaker consents to by reading a sentence: 'clone', that the voice is copied; 'recognise', that its speaker is recognised.
ALTER TABLE voice_consents ADD COLUMN purpose TEXT NOT NULL DEFAULT 'clone' CHECK (purpose IN ('clone', 'recognise'));
