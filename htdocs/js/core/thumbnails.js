// Pictures along what plays: a WebVTT file says which part of which sheet is of which time. It is loaded when the first picture is
// wanted, and a sheet when one of its pictures is.
import { ref } from 'vue';
import { getFile } from './api.js';

/** What could not be had is not asked for again before. */
const AGAIN_MS = 10000;

/** @typedef {{start: number, end: number, sheet: string, x: number, y: number, width: number, height: number}} Cue */

const CUE = /^(?:(\d+):)?(\d\d):(\d\d\.\d{3}) --> (?:(\d+):)?(\d\d):(\d\d\.\d{3}).*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm;

/** @param {string} text @returns {Cue[]} */
function readCues(text) {
	return Array.from(text.matchAll(CUE), (m) => {
		const [h, min, s, h2, min2, s2] = [1, 2, 3, 4, 5, 6].map((n) => Number(m[n] || 0));
		const [x, y, width, height] = [8, 9, 10, 11].map((n) => Number(m[n]));
		return { start: h * 3600 + min * 60 + s, end: h2 * 3600 + min2 * 60 + s2, sheet: m[7], x, y, width, height };
	});
}

/** @param {string} url @returns {Promise<HTMLImageElement>} */
async function loadImage(url) {
	const image = new Image();
	image.src = url;
	await image.decode();
	return image;
}

export function makeThumbnails() {
	/** By the addresses as they were at first: null while it is loading, undefined when it could not be had. @type {Map<string, {value: any, until: number}>} */
	let files = new Map();
	const changes = ref(0);
	let list = '';
	let fresh = (/** @type {string} */ url) => url;

	/** Of another playback. @param {string} url of the file, or '' @param {(url: string) => string} newest an address as it is by now */
	function open(url, newest) {
		[list, fresh, files] = [url, newest, new Map()];
		changes.value++;
	}

	/** @param {string} url @param {(url: string) => Promise<any>} load */
	function get(url, load) {
		const known = files.get(url);
		if (known && Date.now() < known.until)
			return known.value;
		const file = { value: /** @type {any} */ (null), until: Infinity };
		files.set(url, file);
		load(fresh(url)).catch(() => { file.until = Date.now() + AGAIN_MS; }).then((value) => {
			file.value = value;
			changes.value++;
		});
		return null;
	}

	/** The picture of a time, and its sheet when it has come; nothing where there is none. @param {number} time */
	function at(time) {
		/** What has it asked again is that something has come. @type {Cue[] | null | undefined} */
		const cues = changes.value && list ? get(list, async (url) => readCues(await getFile(url))) : null;
		const cue = cues?.find((c) => time < c.end) || cues?.at(-1);
		const sheet = cue && get(new URL(cue.sheet, new URL(list, location.href)).href, loadImage);
		return cue && sheet !== undefined ? { ...cue, image: /** @type {HTMLImageElement | null} */ (sheet) } : null;
	}

	return { open, at };
}
