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

/**
 * Addresses of one playback. Two of its addresses differ in one segment of the path, the token; what
 * stands before and including it is exchanged.
 * @param {string} first
 */
export function makeAddresses(first) {
	let newest = new URL(first, location.href).pathname;
	/** @type {string[]} */
	const old = [];
	let prefix = '';

	/** @param {string} url */
	function renew(url) {
		const next = new URL(url, location.href).pathname;
		const [a, b] = [newest.split('/'), next.split('/')];
		const at = a.findIndex((part, i) => part !== b[i]);
		if (at < 0)
			return;
		old.push(a.slice(0, at + 1).join('/'));
		prefix = b.slice(0, at + 1).join('/');
		newest = next;
	}

	/** @param {string} url */
	function fresh(url) {
		const u = new URL(url, location.href);
		const stale = old.find((p) => u.pathname.startsWith(`${p}/`));
		if (stale)
			u.pathname = prefix + u.pathname.slice(stale.length);
		return u.href;
	}

	return { renew, fresh };
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
