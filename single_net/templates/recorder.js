const SOUND_RATE = 16000, SOUND_SECONDS = 30;      // as the server reads it, see encoded_sound.audio

export async function toWav(file) {                // any sound that the browser decodes -> 16-bit mono wav
  const context = new OfflineAudioContext(1, 1, SOUND_RATE);
  const decoded = await context.decodeAudioData(await file.arrayBuffer());   // resampled to the context's rate
  const count = Math.min(decoded.length, SOUND_SECONDS * SOUND_RATE), channels = decoded.numberOfChannels;
  const mixed = new Float32Array(count);
  for (let channel = 0; channel < channels; channel++)
    decoded.getChannelData(channel).subarray(0, count).forEach((value, i) => { mixed[i] += value / channels; });
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (at, letters) => [...letters].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + 2 * count, true); text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);   // PCM, one channel
  view.setUint32(24, SOUND_RATE, true); view.setUint32(28, 2 * SOUND_RATE, true);
  view.setUint16(32, 2, true); view.setUint16(34, 16, true); text(36, "data"); view.setUint32(40, 2 * count, true);
  mixed.forEach((value, i) => view.setInt16(44 + 2 * i, Math.round(32767 * Math.max(-1, Math.min(1, value))), true));
  return new Blob([view], {type: "audio/wav"});
}

export async function startRecording() {           // {stop(), done}: done is what was recorded, a Blob
  const stream = await navigator.mediaDevices.getUserMedia({audio: true});
  const silence = () => stream.getTracks().forEach(track => track.stop());
  try { return record(stream, silence); } catch (error) { silence(); throw error; }
}

function record(stream, silence) {
  const recorder = new MediaRecorder(stream), parts = [];
  const done = new Promise((resolve, reject) => {
    recorder.addEventListener("dataavailable", event => parts.push(event.data));
    recorder.addEventListener("error", event => reject(event.error));
    recorder.addEventListener("stop", () => {
      silence();
      resolve(new Blob(parts, {type: recorder.mimeType}));
    });
  });
  const stop = () => { if (recorder.state !== "inactive") recorder.stop(); };
  recorder.start();
  setTimeout(stop, SOUND_SECONDS * 1000);
  return {stop, done};
}
