// hls.js, loaded when something is played. Addresses of media carry a token that is renewed while
// playing; requests for older addresses are rewritten to the newest token.

const LIBRARY = '/vendor/hls-1.6.15.js';
const WORKER = '/vendor/hls-worker-1.6.15.js';

/** @type {Promise<any> | null} */
let loading = null;

function load() {
	loading ??= new Promise((done, fail) => {
		const script = document.createElement('script');
		script.src = LIBRARY;
		script.onload = () => done(/** @type {any} */ (window).Hls);
		script.onerror = () => {
			loading = null;
			fail(new Error(`${LIBRARY} is missing`));
		};
		document.head.append(script);
	});
	return loading;
}

const TOKEN = /^\d+-[0-9a-f]{64}$/;

/** The path until its token, with it; of what others give, which has none, nothing. @param {string} url */
function signedPart(url) {
	const parts = new URL(url, location.href).pathname.split('/');
	return parts.slice(0, parts.findIndex((part) => TOKEN.test(part)) + 1).join('/');
}

/**
 * Addresses of one playback. Those that the service signs differ until the token, which is exchanged; others stay.
 * @param {string} first
 */
export function makeAddresses(first) {
	let newest = signedPart(first);
	const signed = !!newest;
	/** @type {string[]} */
	const old = [];

	/** @param {string} url */
	function renew(url) {
		const next = signedPart(url);
		if (!signed || !next || next === newest)
			return;
		old.push(newest);
		newest = next;
	}

	/** @param {string} url */
	function fresh(url) {
		const u = new URL(url, location.href);
		const stale = old.find((p) => u.pathname.startsWith(`${p}/`));
		if (stale)
			u.pathname = newest + u.pathname.slice(stale.length);
		return u.href;
	}

	return { renew, fresh, signed };
}

/** Does what the player of the browser cannot: HLS, with addresses that change. */
export async function openHls(/** @type {HTMLVideoElement} */ video, /** @type {string} */ url, /** @type {ReturnType<typeof makeAddresses>} */ addresses, /** @type {{position: number, live: boolean, sound?: object}} */ options) {
	const Hls = await load();
	if (!Hls.isSupported())
		return null;
	class Loader extends Hls.DefaultConfig.loader {
		/** @type {(context: any, config: any, callbacks: any) => void} */
		load(context, config, callbacks) {
			context.url = addresses.fresh(context.url);
			super.load(context, config, callbacks);
		}
	}
	const hls = new Hls({
		loader: Loader, workerPath: WORKER, startPosition: options.live ? -1 : options.position,
		backBufferLength: 60, maxBufferLength: 30, maxMaxBufferLength: 60, capLevelToPlayerSize: true,
		lowLatencyMode: false, liveDurationInfinity: options.live, audioPreference: options.sound,
	});
	hls.attachMedia(video);
	hls.loadSource(url);
	return { hls, Hls };
}
