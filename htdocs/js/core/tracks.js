// The sounds and subtitles of what plays, and which of them are chosen: for this title, and by language for the next one.
import { reactive } from 'vue';
import { languageName } from './format.js';
import { language, t } from './text.js';

const KEY = 'antenna.tracks';
const DESCRIBED = 'public.accessibility.describes-video';

/** @typedef {{language: string, special: boolean}} Wanted special: described sound, or captions */
/** @typedef {{id: number, language: string, label: string, special: boolean}} Track */

/** What was chosen before; text is null when there were to be none. @returns {{sound?: Wanted, text?: Wanted | null}} */
function kept() {
	try {
		return JSON.parse(localStorage.getItem(KEY) || '{}') || {};
	} catch (cause) {
		return {}; // without storage nothing is kept
	}
}

/** @param {{sound?: Wanted, text?: Wanted | null}} choice */
function keep(choice) {
	try {
		localStorage.setItem(KEY, JSON.stringify({ ...kept(), ...choice }));
	} catch (cause) {
		// it holds for this title
	}
}

const isChoice = (/** @type {{kind: string}} */ x) => ['subtitles', 'captions'].includes(x.kind);

/** "pt" of "pt-BR". @param {string} tag */
const base = (tag) => tag.split('-')[0].toLowerCase();

/** The one that was wanted, or another of its language. @type {(list: Track[], wanted: Wanted | null | undefined) => Track | undefined} */
function match(list, wanted) {
	const alike = wanted?.language ? list.filter((x) => base(x.language) === base(wanted.language)) : [];
	return alike.find((x) => x.language === wanted?.language && x.special === wanted.special) || alike.find((x) => x.special === wanted?.special) || alike[0];
}

/** As people call it: the language in theirs, or else what the media say. @type {(track: Track, list: Track[], special: string) => string} */
export function trackName(track, list, special) {
	const of = (/** @type {Track} */ x) => x.language ? languageName(x.language) + (x.special ? ` (${special})` : '') : x.label;
	const name = of(track);
	return name && !list.some((x) => x !== track && of(x) === name) ? name : track.label || name || t('player.track', { n: track.id + 1 });
}

export function makeTracks() {
	const state = reactive({ sounds: /** @type {Track[]} */ ([]), sound: -1, texts: /** @type {Track[]} */ ([]), text: -1 });
	let /** @type {HTMLVideoElement | null} */ video = null;
	let /** @type {any} */ hls = null;
	/** The sound that was chosen for what plays: it may begin anew, and not every sound has a language. */
	let /** @type {Track | null} */ chosenSound = null;
	/** Whether subtitles were chosen for it. */
	let decided = false;

	/** The tracks of the element that are no choice: shown by themselves where none are chosen. */
	const forced = () => hls ? hls.subtitleTracks.filter((/** @type {any} */ x) => x.forced) : [];

	/**
	 * The forced ones for what is heard; where its language is not known, the only ones, or those for who reads this. None before
	 * hls.js has chosen a sound: it drops the lines of what is shown no more when they come, and does not ask for them again.
	 */
	function forcedNow() {
		const sound = state.sounds[state.sound];
		if (hls?.allAudioTracks.length && !sound)
			return undefined;
		const list = forced();
		const heard = sound?.language;
		if (!heard && list.length === 1)
			return list[0].name;
		return list.find((/** @type {any} */ x) => base(x.lang || '') === base(heard || language.value))?.name;
	}

	/** Shows what is chosen. Browsers that play HLS by themselves do so until something is. */
	function show() {
		const list = video && (hls || decided) ? Array.from(video.textTracks) : [];
		const instead = state.text < 0 && forcedNow();
		const shown = list.find((x, n) => n === state.text || instead && x.label === instead);
		if (hls) // which may not look at the element yet
			hls.subtitleTrack = hls.subtitleTracks.findIndex((/** @type {any} */ x) => x.name === shown?.label);
		for (const x of list.filter(isChoice))
			x.mode = x === shown ? 'showing' : 'disabled';
	}

	function readTexts() {
		const hidden = new Set(forced().map((/** @type {any} */ x) => x.name));
		const list = video ? Array.from(video.textTracks) : [];
		state.texts = list.map((x, n) => ({ id: n, language: x.language, label: x.label, special: x.kind === 'captions', kind: x.kind }))
			.filter((x) => isChoice(x) && !hidden.has(x.label));
		if (!decided) {
			const found = match(state.texts, kept().text);
			state.text = found ? found.id : -1;
			decided = !!found;
		}
		show();
	}

	/** Of hls.js, or of a browser that plays HLS by itself. */
	const soundList = () => /** @type {any[]} */ (hls ? hls.audioTracks : Array.from(/** @type {any} */ (video)?.audioTracks || []));

	function readSounds() {
		const list = soundList();
		state.sounds = list.map((x, n) => ({ id: n, language: x.lang ?? x.language ?? '', label: x.name ?? x.label ?? '', special: x.characteristics ? x.characteristics.includes(DESCRIBED) : x.kind === 'descriptions' }));
		state.sound = hls ? hls.audioTrack : list.findIndex((x) => x.enabled);
		show();
	}

	/** What hls.js is to begin with. */
	function firstSound() {
		const { sound } = kept();
		if (chosenSound)
			return { name: chosenSound.label };
		return sound?.language ? { lang: sound.language, characteristics: sound.special ? DESCRIBED : '' } : undefined;
	}

	/** @param {HTMLVideoElement} element @param {any} [Hls] @param {any} [player] without one the element plays by itself */
	function attach(element, Hls, player) {
		video = element;
		hls = player || null;
		video.textTracks.onaddtrack = readTexts;
		if (hls) {
			hls.on(Hls.Events.SUBTITLE_TRACKS_UPDATED, readTexts);
			hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, readSounds);
			hls.on(Hls.Events.AUDIO_TRACK_SWITCHING, readSounds);
		} else if ('audioTracks' in video) {
			Object.assign(/** @type {any} */ (video).audioTracks, { onaddtrack: readOwnSounds, onchange: readSounds });
		}
		readTexts();
	}

	/** What hls.js begins with is told to it; the browser is told when it has the list. */
	function readOwnSounds() {
		readSounds();
		const found = match(state.sounds, kept().sound);
		if (found && found.id !== state.sound)
			setSound(found.id);
	}

	/** @param {number} id */
	function setSound(id) {
		if (hls)
			hls.audioTrack = id;
		else
			soundList().forEach((x, n) => { x.enabled = n === id; });
		state.sound = id;
		show();
	}

	/** @param {number} id */
	function chooseSound(id) {
		chosenSound = state.sounds[id];
		keep({ sound: { language: chosenSound.language, special: chosenSound.special } });
		setSound(id);
	}

	/** @param {number} id -1: none */
	function chooseText(id) {
		const chosen = state.texts.find((x) => x.id === id);
		decided = true;
		state.text = id;
		keep({ text: chosen ? { language: chosen.language, special: chosen.special } : null });
		show();
	}

	/** Off, or on in the language that is there before others. */
	function toggleText() {
		const { sound, text } = kept();
		const first = match(state.texts, text || sound) || state.texts[0];
		chooseText(state.text < 0 && first ? first.id : -1);
	}

	return { state, firstSound, attach, chooseSound, chooseText, toggleText };
}
