// Tabs of one browser share a session. One at a time does what must not happen twice, and tells the
// others. Web Locks exist in secure contexts only; elsewhere a lease in storage does it.

const LEASE_MS = 12000;
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('antenna') : null;

/** @typedef {{access: string, expires: number, ended?: undefined} | {ended: true}} News */

/** @param {News} news */
export function announce(news) {
	channel?.postMessage(news);
}

/** @param {(news: any) => void} callback */
export function onAnnounced(callback) {
	channel?.addEventListener('message', (event) => callback(event.data));
}

/** @param {number} ms */
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/**
 * @param {string} key
 * @param {string} me
 */
async function lease(key, me) {
	for (;;) {
		const [owner, until] = (localStorage.getItem(key) || '').split(' ');
		if (!owner || Number(until) < Date.now()) {
			localStorage.setItem(key, `${me} ${Date.now() + LEASE_MS}`);
			await pause(40);
			if (localStorage.getItem(key)?.startsWith(`${me} `))
				return;
		}
		await pause(50 + Math.random() * 50);
	}
}

/**
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(name, work) {
	if (navigator.locks)
		return navigator.locks.request(name, work);
	const me = Math.random().toString(36).slice(2);
	await lease(name, me);
	try {
		return await work();
	} finally {
		localStorage.removeItem(name);
	}
}

/**
 * Until the answer is called, other tabs wait for it in vacant. Where there are no Web Locks nobody waits.
 * @param {string} name
 * @returns {() => void}
 */
export function occupy(name) {
	let leave = () => {};
	const left = new Promise((done) => { leave = () => done(undefined); });
	addEventListener('pagehide', leave, { once: true }); // browsers keep no page that has one
	navigator.locks?.request(name, { mode: 'shared' }, () => left);
	return leave;
}

/** When no tab occupies it, or that takes too long: one may be frozen. @type {(name: string, ms: number) => Promise<any>} */
export const vacant = async (name, ms) => navigator.locks?.request(name, { signal: AbortSignal.timeout(ms) }, () => {}).catch(() => {});
