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

async function loadWatchlist() {
	const { items } = await api.get('/users/watchlist', { limit: 100 });
	session.watchlist = new Set(items.map((/** @type {any} */ e) => e.content.id));
}

async function enter() {
	session.user = await api.get('/users/me');
	session.state = 'in';
	loadWatchlist().catch(() => { session.watchlist = new Set(); });
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

/** @type {(id: number, pin?: string) => Promise<void>} */
export async function watchAs(id, pin) {
	await api.selectProfile(id, pin);
	forgetLists();
	await enter();
	session.chosen = true;
	sessionStorage.setItem('antenna.profile', String(id));
}

export async function signOut() {
	const told = api.signOut().catch(() => {});
	leave();
	sessionStorage.removeItem('antenna.profile');
	await told;
}

/** @param {number} id */
export async function toggleWatchlist(id) {
	const had = session.watchlist.has(id);
	const next = new Set(session.watchlist);
	had ? next.delete(id) : next.add(id);
	session.watchlist = next;
	try {
		await (had ? api.remove : api.put)(`/users/watchlist/${id}`);
	} catch (cause) {
		const back = new Set(session.watchlist);
		had ? back.add(id) : back.delete(id);
		session.watchlist = back;
		throw cause;
	}
}

/** @param {string} language */
export async function speak(language) {
	await setLanguage(language);
	document.documentElement.lang = language;
}

api.onSession(leave, (profile) => {
	if (session.state === 'in' && session.user?.profile.id !== profile) {
		sessionStorage.setItem('antenna.profile', String(profile));
		location.assign('/');
	}
});
