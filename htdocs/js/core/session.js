// Who is signed in, and which profile is watching.
import { reactive } from 'vue';
import * as api from './api.js';
import { setLanguage } from './text.js';
import { forgetLists } from './lists.js';

/** @typedef {{id: number, name: string, max_age: number, is_kids: boolean}} SpeakingProfile */
/** @typedef {{id: number, email: string, name: string, role: string, country: string | null, profile: SpeakingProfile}} User */

/** @type {{state: 'unknown' | 'out' | 'in' | 'unreachable', user: User | null, chosen: boolean, watchlist: Set<number>, problem: any}} */
export const session = reactive({
	state: 'unknown', user: null, chosen: false, watchlist: new Set(), problem: null,
});

export const isAdmin = () => session.user?.role === 'admin';
export const isKids = () => !!session.user?.profile.is_kids;

/** What was put on the list, or taken off it, since it was asked for: by title, whether it is on it. @type {Map<number, boolean>} */
const changed = new Map();

/** The whole list, of who watches now; without an answer it is as good as empty: adding something again changes nothing. */
async function loadWatchlist() {
	const { user } = session;
	const listed = new Set();
	changed.clear();
	session.watchlist = listed;
	for (let cursor = null, first = true; cursor || first; first = false) {
		const page = await api.get('/users/watchlist', { limit: 100, cursor });
		if (user !== session.user)
			return;
		page.items.forEach((/** @type {any} */ e) => listed.add(e.content.id));
		cursor = page.next;
	}
	changed.forEach((on, id) => on ? listed.add(id) : listed.delete(id));
	session.watchlist = new Set(listed);
}

async function enter() {
	session.user = await api.get('/users/me');
	session.state = 'in';
	session.problem = null;
	loadWatchlist().catch(() => {});
}

function leave() {
	forgetLists();
	session.user = null;
	session.chosen = false;
	session.state = 'out';
}

/** At the start of the page, and when somebody tries again. */
export async function resume() {
	if (!api.mayBeSignedIn()) {
		session.state = 'out';
		return;
	}
	try {
		await api.resumed();
		await enter();
		session.chosen = sessionStorage.getItem('antenna.profile') === String(session.user?.profile.id);
	} catch (cause) {
		if (cause instanceof api.Problem && cause.status === 401) {
			leave();
			return;
		}
		session.problem = cause;
		session.state = 'unreachable';
	}
}

/** The account was changed by what knows nothing of it. */
export async function renew() {
	if (session.user)
		Object.assign(session.user, await api.get('/users/me').catch(() => ({})));
}

/** What this browser is called in the list of devices. */
function deviceName() {
	const agent = navigator.userAgent;
	const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox'
		: /Chrom(e|ium)\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : 'Browser';
	const system = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS'
		: /Windows/.test(agent) ? 'Windows' : /Mac OS/.test(agent) ? 'Mac'
			: /Tizen|Web0S|SMART-TV/.test(agent) ? 'TV' : /Linux/.test(agent) ? 'Linux' : '';
	return system ? `${browser}, ${system}` : browser;
}

/** @type {(email: string, password: string) => Promise<void>} */
export async function signIn(email, password) {
	await api.signIn(email, password, deviceName());
	await enter();
}

/** What the service did is done, though who that is now is not known: nothing more is shown of who it was. */
async function enterOrTryAgain() {
	try {
		await enter();
	} catch (cause) {
		session.problem = cause;
		session.state = 'unreachable';
		throw cause;
	}
}

export const askForCode = () => api.askForCode(deviceName());

/** @param {string} code */
export async function signInByCode(code) {
	await api.signInByCode(code);
	await enterOrTryAgain();
}

/** @type {(id: number, pin?: string) => Promise<void>} */
export async function watchAs(id, pin) {
	await api.selectProfile(id, pin);
	forgetLists();
	await enterOrTryAgain();
	session.chosen = true;
	sessionStorage.setItem('antenna.profile', String(id));
}

export async function signOut() {
	const told = api.signOut().catch(() => {});
	leave();
	sessionStorage.removeItem('antenna.profile');
	await told;
}

/** @type {(id: number, on: boolean) => void} */
function showListed(id, on) {
	const next = new Set(session.watchlist);
	on ? next.add(id) : next.delete(id);
	session.watchlist = next;
	changed.set(id, on);
}

/** What the service is told of the list, one after the other. @type {Promise<any>} */
let telling = Promise.resolve();

/** Shown at once, and taken back when the service refuses. @param {number} id */
export function toggleWatchlist(id) {
	const on = !session.watchlist.has(id);
	showListed(id, on);
	const told = telling.then(() => (on ? api.put : api.remove)(`/users/watchlist/${id}`)).catch((cause) => {
		if (changed.get(id) === on)
			showListed(id, !on);
		throw cause;
	});
	telling = told.catch(() => {});
	return told;
}

/** @param {string} language */
export async function speak(language) {
	await setLanguage(language);
	document.documentElement.lang = language;
}

api.onSession((cause) => {
	leave();
	session.problem = cause || null; // the page for signing in says so
}, (profile) => {
	if (session.state === 'in' && session.user?.profile.id !== profile) {
		if (profile)
			sessionStorage.setItem('antenna.profile', String(profile)); // chosen in another tab
		location.assign('/');
	}
});
