// One playback: asking for it, telling the service where it is, and getting new addresses.
import { reactive } from 'vue';
import { isPassing, waitFor } from './again.js';
import * as api from './api.js';
import { makeAddresses, openHls } from './hls.js';
import { makeThumbnails } from './thumbnails.js';
import { makeTracks } from './tracks.js';

const RETRIES = 4;

/** @param {number} ms */
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** @typedef {'loading' | 'refused' | 'limit' | 'playing' | 'over' | 'taken' | 'failed'} PlaybackState */

/**
 * @param {{id: number, live: boolean, start?: string | null, fromStart?: boolean}} what
 */
export function makePlayback(what) {
	const state = reactive({
		phase: /** @type {PlaybackState} */ ('loading'), problem: /** @type {any} */ (null),
		info: /** @type {any} */ (null), levels: /** @type {any[]} */ ([]), level: -1,
		files: /** @type {any[]} */ ([]), // of subtitles, beside the media
	});
	const tracks = makeTracks();
	const thumbnails = makeThumbnails();
	let /** @type {any} */ opened = null, /** @type {any} */ timer = null, /** @type {any} */ addresses = null;
	/** @type {HTMLVideoElement | null} */
	let video = null;
	let seq = 0;
	let ended = false;
	/** Sessions that were begun anew, and loads, since it went well. */
	let restarts = 0;
	let tries = 0;
	let renewals = 0;
	let /** @type {any} */ renewing = null;
	/** Which opening this is: what an earlier one still waits for is of no use any more. */
	let turn = 0;
	/** Where it is to begin, or was closed, of which the element knows nothing; null: where the service says. @type {number | null} */
	let at = null;
	/** Whether the element is there by now. */
	let begun = false;
	/** Whether it was paused when it was closed. */
	let held = false;
	/** Says that the service has been told where it was last. @type {(() => void) | null} */
	let told = null;

	const position = () => Math.max(0, Math.floor(begun && video ? video.currentTime : at || 0));

	/** @param {any} problem */
	function stopWith(problem) {
		if (problem.status)
			close(); // over, or not begun, for the service as well
		else
			leave();
		state.problem = problem;
		state.phase = problem.code === 'stream_limit' ? 'limit' : problem.code === 'taken_over' ? 'taken'
			: problem.status === 403 && problem.body.offers ? 'refused' : 'failed';
	}

	/** While it plays on, as long as there is something to play. @param {any} problem */
	function note(problem) {
		if (state.phase === 'playing')
			state.problem = problem;
	}

	/** Tells the service where it is, and when that was the next time. @param {string} [event] @param {boolean} [last] */
	async function beat(event, last = false) {
		const mine = turn;
		clearTimeout(timer);
		if (!state.info || ended)
			return;
		if (last)
			ended = true;
		try {
			const body = { position: position(), seq: ++seq, ...(event && { event }) };
			const answer = await api.post(`/play/sessions/${state.info.session_id}/heartbeat`, body, { keepalive: last });
			if (mine === turn && answer?.playback_url)
				addresses.renew(answer.playback_url);
			restarts = 0;
			note(null);
		} catch (cause) {
			const problem = /** @type {any} */ (cause);
			if (mine !== turn || ended)
				return; // left, or begun anew
			if (problem.status === 410 && problem.code !== 'taken_over')
				return restart();
			if (problem.status === 410 || problem.status === 403) {
				stopWith(problem);
				return;
			}
			note(problem);
		}
		clearTimeout(timer);
		if (mine === turn && !ended)
			timer = setTimeout(() => beat('progress'), (state.info.heartbeat_seconds || 30) * 1000);
	}

	/** The session is over but the viewer is not: a new one, from here. */
	async function restart() {
		if (++restarts > RETRIES || !video)
			stopWith(new api.Problem({ code: 'playback_failed' }));
		else
			await open(video);
	}

	/** Goes on where it stopped. hls.js does not ask again for the first file by itself. @param {any} hls */
	function goOnLoading(hls) {
		if (hls.levels.length)
			hls.startLoad();
		else
			hls.loadSource(hls.url);
	}

	/**
	 * The address is over: the answer to a heartbeat has another one, and is waited for. Several files are refused for it at once.
	 * @param {any} hls
	 */
	async function renewAddress(hls) {
		if (renewing === hls)
			return;
		renewing = hls;
		await beat('error');
		while (opened?.hls === hls && isPassing(state.problem)) {
			await pause(waitFor(state.problem));
			await beat('error');
		}
		renewing = null;
		if (opened?.hls !== hls)
			return;
		if (++renewals <= RETRIES)
			goOnLoading(hls);
		else
			stopWith(new api.Problem({ code: 'playback_failed' }));
	}

	/** What ended the loading, or the decoding. @param {boolean} network @param {number} [status] */
	function problemOf(network, status) {
		if (!network || status && status < 500 && !state.info.elsewhere)
			return new api.Problem({ code: 'playback_failed' });
		if (state.info.elsewhere && navigator.onLine)
			return new api.Problem({ code: 'elsewhere' });
		return new api.Problem({ code: status ? 'away' : 'unreachable' });
	}

	/** A browser that plays HLS by itself. No cookie goes to another host. @param {HTMLVideoElement} element @param {string} url @param {number} from */
	function playNative(element, url, from) {
		const mine = turn;
		element.crossOrigin = state.info.elsewhere ? 'anonymous' : null;
		element.onerror = () => {
			if (mine === turn)
				stopWith(problemOf(!begun || element.error?.code === MediaError.MEDIA_ERR_NETWORK));
		};
		element.src = url;
		element.currentTime = from;
	}

	/** @param {any} Hls @param {any} hls */
	function listen(Hls, hls) {
		let loaded = false;
		tries = 0;
		hls.on(Hls.Events.MANIFEST_PARSED, () => { state.levels = hls.levels.map((/** @type {any} */ l) => l.height || Math.round(l.bitrate / 1000)); });
		hls.on(Hls.Events.ERROR, (/** @type {any} */ _, /** @type {any} */ data) => {
			const code = data.response?.code;
			const network = data.type === Hls.ErrorTypes.NETWORK_ERROR;
			if ((code === 403 || code === 410) && addresses.signed)
				renewAddress(hls);
			else if (!data.fatal)
				return;
			else if (state.info.elsewhere && !loaded && (network || !hls.levels.length) || ++tries > RETRIES)
				stopWith(problemOf(network, code)); // a host that gives nothing at first is not asked again and again
			else if (network)
				setTimeout(() => opened?.hls === hls && goOnLoading(hls), 1000 * tries);
			else if (data.type === Hls.ErrorTypes.MEDIA_ERROR)
				hls.recoverMediaError();
			else
				stopWith(problemOf(false));
		});
		hls.on(Hls.Events.FRAG_BUFFERED, () => {
			loaded = true;
			tries = renewals = 0;
		});
	}

	/** The network is back: what waits to be tried again is tried now. */
	function goOn() {
		if (state.phase !== 'playing')
			return;
		tries = 0;
		if (opened)
			goOnLoading(opened.hls);
		beat('progress');
	}

	/**
	 * From where it was closed, and paused if it was.
	 * @param {HTMLVideoElement} element
	 * @param {{takeover?: number, play?: boolean}} [options] play: whether it was paused or not
	 */
	async function open(element, options = {}) {
		const mine = ++turn;
		close();
		ended = true; // the earlier one
		told ??= api.beforeEnd(leave);
		held &&= !options.play;
		video = element;
		video.onloadeddata = () => { begun = true; };
		state.phase = 'loading';
		state.problem = null;
		try {
			const path = what.live ? `/play/live/${what.id}` : `/play/ondemand/${what.id}`;
			const info = await api.get(path, { start: what.start, takeover: options.takeover });
			if (mine !== turn) {
				api.endPlayback(info.session_id);
				return;
			}
			state.info = info;
			ended = false;
			const from = at = at ?? (what.live || what.fromStart ? 0 : state.info.position || 0);
			// ours are asked for here, whatever name the service has for itself
			const given = new URL(info.playback_url, location.href);
			const url = info.elsewhere ? given.href : location.origin + given.pathname;
			addresses = makeAddresses(url);
			state.files = state.info.subtitles || [];
			thumbnails.open(state.info.thumbnails ? new URL(state.info.thumbnails, location.href).pathname : '', addresses.fresh);
			const player = await openHls(video, url, addresses, { position: from, live: what.live && !what.start, sound: tracks.firstSound() });
			if (mine !== turn) {
				player?.hls.destroy();
				return;
			}
			opened = player;
			tracks.attach(video, opened?.Hls, opened?.hls);
			if (opened)
				listen(opened.Hls, opened.hls);
			else
				playNative(video, url, from);
			state.phase = 'playing';
			if (!held)
				await video.play().catch(() => {}); // muted or by a click, as the browser wants it
			if (mine === turn)
				beat(held ? 'pause' : 'start');
		} catch (cause) {
			if (mine !== turn)
				return;
			if (!(cause instanceof api.Problem))
				console.error(cause);
			stopWith(cause instanceof api.Problem ? cause : new api.Problem({ code: 'player_missing', status: 0 }));
		}
	}

	function close() {
		clearTimeout(timer);
		if (begun)
			[at, held, begun] = [position(), !!video?.paused, false];
		opened?.hls.destroy();
		opened = null;
	}

	/** @param {string} event stop, or ended when it was seen to the end */
	function leave(event = 'stop') {
		turn++;
		const last = state.info && !ended && beat(event, true);
		Promise.resolve(last).then(told);
		told = null;
		ended = true;
		close();
	}

	/** @param {number} level -1: by itself */
	function setLevel(level) {
		if (opened)
			opened.hls.currentLevel = level;
		state.level = level;
	}

	/** Where live is. */
	const edge = () => opened?.hls.liveSyncPosition ?? null;

	return { state, tracks, thumbnails, open, beat, goOn, leave, setLevel, edge };
}
