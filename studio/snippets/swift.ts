import { fullBody, json, type SnippetInput } from './snippet.ts';

/** A function for iOS 15 or newer that plays the speech. AVAudioPlayer does not read Opus and files without a header, so such formats become MP3. */
export function swiftSnippet(given: SnippetInput): string {
  const format = ['mp3', 'aac', 'm4a', 'wav', 'flac'].includes(given.format) ? given.format : 'mp3';
  const body = json(fullBody({ ...given, format }));
  // A raw string takes quotes and backslashes as they are; as many marks as the text has, and one more, end it.
  const marks = '#'.repeat(Math.max(0, ...(body.match(/#+/g) ?? []).map((run) => run.length)) + 1);
  const key = given.key
    ? '\n    request.setValue("Bearer \\(apiKey)", forHTTPHeaderField: "Authorization")'
    : '';
  return `import AVFoundation

var player: AVAudioPlayer?

@MainActor
func speak(${given.key ? 'apiKey: String' : ''}) async throws {
    var request = URLRequest(url: URL(string: ${JSON.stringify(`${given.base}v1/audio/speech`)})!)
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")${key}
    request.httpBody = Data(${marks}"""
${body.replaceAll(/^/gm, '    ')}
    """${marks}.utf8)
    let (audio, response) = try await URLSession.shared.data(for: request)
    guard (response as? HTTPURLResponse)?.statusCode == 200 else {
        throw URLError(.badServerResponse, userInfo: ["body": String(decoding: audio, as: UTF8.self)])
    }
    try AVAudioSession.sharedInstance().setCategory(.playback)
    player = try AVAudioPlayer(data: audio)
    player?.play()
}
`;
}
