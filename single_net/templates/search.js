import {startRecording, toWav} from "/assets/recorder.js";
import {card, element, number, picture} from "/assets/results.js";

const at = id => document.getElementById(id);
const form = at("form"), text = at("text"), file = at("file"), results = at("results"), more = at("more");
const STEP = 24, MOST = 200, UPLOAD = Number(document.body.dataset.upload);
let asked = null;      // the query that is shown: {text}, {image}, {caption}, {file} or {sound}, with find and k
let running = null;    // the request that is under way
let preview = null;    // address of the image that was dropped
let turn = 0;          // grows with every query: a sound that is still being read must not replace a newer one
const sent = [];       // files that were searched by, for the way back
const page = String(Math.random());    // this load of the page: the history outlives it, the files do not

function say(message, wrong = false) {
  at("status").textContent = message;
  at("status").classList.toggle("wrong", wrong);
}

async function request(address, options) {
  const response = await fetch(address, options).catch(error => {
    throw error.name === "AbortError" ? error : new Error("The server does not answer: is it still running?");
  });
  const answer = await response.json().catch(error => {
    if (!response.ok) return {error: `the server answered ${response.status}`};
    throw error.name === "AbortError" ? error : new Error("The answer broke off: try again");
  });
  if (!response.ok || answer.error) throw new Error(answer.error);
  return answer;
}

let again;  // while the index grows

async function showInfo() {
  clearTimeout(again);
  const info = await request("/api/info").catch(error => {
    if (!at("indexed").hidden) again = setTimeout(() => showInfo().catch(() => {}), 2000);
    throw error;
  });
  const captions = info.captions ? ` · ${number(info.captions, "caption")}` : "";
  const indexing = info.images < info.expected;
  const images = indexing
    ? `${info.images.toLocaleString("en")} of ${number(info.expected, "image")} indexed`
    : number(info.images, "image");
  at("info").textContent = `${info.label} · ${images}${captions}`;
  at("indexed").hidden = !indexing;
  at("indexed").max = info.expected || 1;
  at("indexed").value = info.images;
  if (indexing) again = setTimeout(() => showInfo().catch(() => {}), 2000);
  at("captions").hidden = !info.captions;
  at("sound").hidden = !info.sound;
}

function showQuery(answer) {
  const about = element("div");
  let shown = null;
  if (asked.sound) {
    shown = picture(answer.encoded_sound, "the encoded sound", true);
    about.append(element("h2", "", asked.sound.name), element("p", "meta", "The encoded sound: what the network sees."));
  } else if (asked.file) {
    shown = picture(preview, "the image that is searched by");
    about.append(element("h2", "", asked.file.name));
  } else if (asked.image) {
    shown = picture(`/api/images/${asked.image}/thumbnail`, "the image that is searched by");
    about.append(element("h2", "", asked.name || "More like this"), element("p", "caption", answer.query || ""));
  } else {
    about.append(element("h2", "", answer.query));
    if (answer.encoded_caption) {
      shown = picture(answer.encoded_caption, "the encoded caption", true);
      about.append(element("p", "meta", "The encoded caption: what the network sees."));
    }
  }
  if (answer.words.length) {
    const words = element("ul", "words", ...answer.words.map(word => element("li", "", word)));
    words.setAttribute("role", "list");      // Safari has none without bullets
    about.append(words);
  }
  for (const [why, words] of [["Unknown", answer.unknown], ["No place left for", answer.cut_off]])
    if (words.length) about.append(element("p", "unencoded", `${why}: ${words.join(", ")}`));
  at("query").replaceChildren(...(shown ? [shown] : []), about);
  at("query").hidden = false;
}

function show(answer) {
  showQuery(answer);
  for (const radio of form.elements.find) radio.checked = radio.value === answer.found;
  results.replaceChildren(...answer.results.map(result => card(result, answer.found, ask)));
  more.hidden = answer.results.length < asked.k || asked.k >= MOST;
  say(answer.results.length ? `${number(answer.results.length, answer.found.slice(0, -1))}, nearest first` : "Nothing found");
}

async function search(k = asked.k, further = false) {
  running?.abort();
  const own = running = new AbortController();
  const before = results.children.length, focused = document.activeElement;
  const inResults = results.contains(focused), onMore = focused === more;
  const {find} = asked;
  say("Searching …");
  results.classList.add("old");
  try {
    let answer;
    const upload = asked.file || asked.sound;
    if (upload) {
      await upload.slice(0, 1).arrayBuffer().catch(() => { throw new Error(`${upload.name} cannot be read any more`); });
      const options = {method: "POST", body: upload, signal: own.signal,
                       headers: {"Content-Type": asked.file ? upload.type || "application/octet-stream" : "audio/wav"}};
      answer = await request(`/api/search/${asked.file ? "image" : "sound"}?find=${find}&k=${k}`, options);
    } else {
      const query = asked.text !== undefined ? {text: asked.text}
                  : asked.image ? {image: asked.image} : {caption: asked.caption};
      const options = {method: "POST", body: JSON.stringify({...query, find, k}), signal: own.signal,
                       headers: {"Content-Type": "application/json"}};
      answer = await request("/api/search", options);
    }
    if (running === own) {
      asked.k = k;
      show(answer);
      history.replaceState({...history.state, k}, "");     // for the way back
      // What had the focus is gone: go on where a reader would.
      if (inResults) at("query").focus({preventScroll: true});
      else if (onMore) results.children[before]?.querySelector("button").focus({preventScroll: true});
    }
  } catch (error) {
    if (error.name === "AbortError" || running !== own) return;
    if (!further) {                          // else what was found before stays
      at("query").hidden = more.hidden = true;
      results.replaceChildren();
    }
    say(error.message, true);
  }
  if (running === own) results.classList.remove("old");
}

function ask(query, find = "images", record = true, k = STEP) {
  turn++;
  asked = {...query, find, k};
  if (query.text === undefined) text.value = "";
  if (query.file) {
    if (preview) URL.revokeObjectURL(preview);
    preview = URL.createObjectURL(query.file);
  }
  if (record && (query.file || query.sound))
    history.pushState({page, sent: sent.push(query) - 1, find}, "", location.pathname);
  else if (record) {
    const {name, ...shown} = query;
    history.pushState(null, "", `#${new URLSearchParams({...shown, find})}`);
  }
  if (record) window.scrollTo({top: 0});     // else the browser goes where it was
  showInfo().catch(() => {});
  search();
}

function askImage(chosen, find) {
  if (!chosen) return;
  if (chosen.type && !chosen.type.startsWith("image/")) return say(`${chosen.name} is no image`, true);
  if (chosen.size > UPLOAD) return say(`${chosen.name} is larger than ${UPLOAD / 2 ** 20} MB`, true);
  ask({file: chosen}, find);
}

async function askSound(chosen, find) {    // the browser decodes what it knows, so that the server needs no decoder
  if (!chosen) return;
  if (chosen.size > UPLOAD) return say(`${chosen.name} is larger than ${UPLOAD / 2 ** 20} MB`, true);
  const own = ++turn;
  say(`Reading ${chosen.name} …`);
  try {
    const sound = new File([await toWav(chosen)], chosen.name);
    if (turn === own) ask({sound}, find);
  } catch {
    if (turn === own) say(`${chosen.name}: no sound that this browser can read`, true);
  }
}

function askFile(chosen, find) {
  const isSound = chosen?.type.startsWith("audio/") && !at("sound").hidden;
  return isSound ? askSound(chosen, find) : askImage(chosen, find);
}

let stopRecording = null;
async function record() {
  if (stopRecording) return stopRecording();
  if (!navigator.mediaDevices)
    return say("Browsers record only on the machine that serves this page, at 127.0.0.1", true);
  at("record").disabled = true;              // until there is a microphone
  try {
    const recording = await startRecording();
    at("record").disabled = false;
    at("record").textContent = "Stop and search";
    at("record").setAttribute("aria-pressed", "true");
    say("Recording … say what is in the image");
    stopRecording = recording.stop;
    const recorded = await recording.done;
    await askSound(new File([recorded], "what you said", {type: recorded.type}), "images");
  } catch (error) {
    say(error.name === "NotAllowedError" ? "The browser does not let this page use the microphone"
                                         : `No microphone: ${error.message}`, true);
  } finally {
    stopRecording = null;
    at("record").disabled = false;
    at("record").textContent = "Record";
    at("record").setAttribute("aria-pressed", "false");
  }
}

function empty() {
  turn++;
  running?.abort();
  asked = running = null;
  text.value = "";
  results.replaceChildren();
  at("query").hidden = more.hidden = true;
  say("");
}

function restore() {
  const state = history.state, address = new URLSearchParams(location.hash.slice(1)), named = address.get("find");
  const query = Object.fromEntries([...address].filter(([name]) => ["text", "image", "caption"].includes(name)));
  const find = (state?.find ?? named) === "captions" ? "captions" : "images";
  for (const radio of form.elements.find) radio.checked = radio.value === find;
  const k = Math.min(Math.max(Number(state?.k) || STEP, STEP), MOST);
  if (state?.page === page && sent[state.sent]) return ask(sent[state.sent], find, false, k);
  if (!Object.keys(query).length) return empty();
  if (query.text !== undefined) text.value = query.text;
  ask(query, find, false, k);
}

function taken(input) {                      // and the same file can be chosen again
  const chosen = input.files[0];
  input.value = "";
  return chosen;
}

form.addEventListener("submit", event => {
  event.preventDefault();
  if (text.value.trim()) ask({text: text.value}, form.elements.find.value);
});
for (const radio of form.elements.find)
  radio.addEventListener("change", () => {
    if (!asked) return;
    const {k, find, ...query} = asked, written = text.value.trim() && text.value !== asked.text;
    ask(written ? {text: text.value} : query, radio.value);
  });
more.addEventListener("click", () => search(Math.min(asked.k + STEP, MOST), true));
at("choose").addEventListener("click", () => file.click());
file.addEventListener("change", () => askImage(taken(file), form.elements.find.value));
at("choosesound").addEventListener("click", () => at("soundfile").click());
at("soundfile").addEventListener("change", () => askSound(taken(at("soundfile")), form.elements.find.value));
at("record").addEventListener("click", record);
window.addEventListener("popstate", restore);

let inside = 0;
const carriesFile = event => event.dataTransfer?.types.includes("Files");
window.addEventListener("dragenter", event => { if (carriesFile(event)) { inside++; at("drop").hidden = false; } });
window.addEventListener("dragleave", event => { if (carriesFile(event) && --inside <= 0) { inside = 0; at("drop").hidden = true; } });
window.addEventListener("dragover", event => { if (carriesFile(event)) event.preventDefault(); });
window.addEventListener("drop", event => {
  if (!carriesFile(event)) return;
  event.preventDefault();
  inside = 0;
  at("drop").hidden = true;
  askFile(event.dataTransfer.files[0], form.elements.find.value);
});
window.addEventListener("paste", event => {
  const {files = [], types = []} = event.clipboardData ?? {};
  if (!files.length || (event.target === text && types.includes("text/plain"))) return;   // Office adds a picture of its text
  event.preventDefault();
  askFile(files[0], form.elements.find.value);
});

showInfo().catch(error => say(error.message, true));
restore();
