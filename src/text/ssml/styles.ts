/**
 * Emotions that are similar to a speaking style, nearest first. Styles: Azure's `mstts:express-as`, Amazon's `amazon:emotion` and
 * `amazon:domain`, Google's `google:style`, IBM's `express-as`. A style without an entry for the model has no effect.
 */
const NEAR = new Map(
  Object.entries({
    advertisement_upbeat: 'excited happy',
    affectionate: 'happy calm',
    angry: 'angry',
    apologetic: 'sad calm',
    assistant: 'neutral',
    calm: 'calm neutral',
    chat: 'happy neutral',
    cheerful: 'happy',
    conversational: 'neutral',
    customerservice: 'calm happy neutral',
    depressed: 'sad',
    disappointed: 'sad',
    disgruntled: 'disgusted angry',
    'documentary-narration': 'neutral',
    embarrassed: 'sad fearful',
    empathetic: 'sad calm',
    envious: 'angry',
    excited: 'excited happy',
    fearful: 'fearful surprised',
    fun: 'happy',
    friendly: 'happy',
    gentle: 'calm neutral',
    goodnews: 'happy',
    apology: 'sad calm',
    uncertainty: 'fearful neutral',
    hopeful: 'happy',
    lively: 'happy excited',
    lyrical: 'calm happy neutral',
    firm: 'neutral',
    'narration-professional': 'neutral',
    'narration-relaxed': 'calm neutral',
    newscast: 'neutral',
    'newscast-casual': 'neutral',
    'newscast-formal': 'neutral',
    news: 'neutral',
    'poetry-reading': 'calm neutral',
    sad: 'sad',
    sadness: 'sad',
    serious: 'neutral',
    shouting: 'angry excited',
    sports_commentary: 'excited happy',
    sports_commentary_excited: 'excited happy',
    story: 'neutral',
    terrified: 'fearful',
    unfriendly: 'angry',
    whispering: 'calm',
    whispered: 'calm',
    disgust: 'disgusted',
    fear: 'fearful',
    joy: 'happy',
    happiness: 'happy',
    anger: 'angry',
    surprise: 'surprised',
  }).map(([style, emotions]) => [style, emotions.split(' ')]),
);

/**
 * The emotion of a model that is nearest to a style.
 * @param style in any case.
 * @param emotions those that the model has.
 * @returns `undefined` where none comes near.
 */
export function emotionOfStyle(style: string, emotions: readonly string[]): string | undefined {
  const name = style.toLowerCase();
  return emotions.includes(name) ? name : NEAR.get(name)?.find((emotion) => emotions.includes(emotion));
}
