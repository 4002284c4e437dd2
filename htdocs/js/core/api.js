// The only place that calls fetch. The access token lives here, in memory; the refresh token is in
// a cookie that no script can read, and one tab at a time exchanges it (core/tabs.js): a refresh
// token that is used twice ends its session.
import { noteDate } from './clock.js';
import { alone, announce, occupy, onAnnounced, vacant } from './tabs.js';

const TIMEOUT_MS = 10000;
const EARLY_MS = 30000;
const COOKIE = { 'Antenna-Refresh': 'cookie' };
const PLAYING = 'antenna-playing';
const LAST_WORDS_MS = 1000;
/** Who is signed in, for other tabs and the next start: the session and its profile. */
const HINT = 'antenna.signed-in';

/** Problems of a token that another one of the same session mends. */
const STALE = new Set(['token_expired', 'role_changed']);

let token = '';
let expires = 0;
/** Whether the service may have changed the session and could not say so: the next exchange tells. */
let inDoubt = false;
/** Whether the storage has who is signed in. */
let noted = false;
/** @type {(cause?: Problem) => void} */
let tellEnded = () => {};
/** @type {(profile: number) => void} */
let tellProfile = () => {};

/** A refusal: problem+json of the service, or a request that never arrived (status 0). */
export class Problem extends Error {
	/** @param {Record<string, any>} body */
	constructor(body) {
		super(body.detail || body.title || body.code);
		this.status = body.status || 0;
		this.code = body.code || 'error';
		this.requestId = body.request_id;
		/** @type {{field: string, code: string, message: string}[]} */
		this.errors = body.errors || [];
		this.body = body;
		this.retryAfter = 0;
	}
}

/**
 * @typedef {object} Options
 * @property {Record<string, any>} [query] members that are null or '' are left out
 * @property {any} [body] sent as JSON, a Blob as it is
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {number} [timeout] milliseconds
 * @property {boolean} [keepalive] finishes although the page goes away
 */

/**
 * @param {string} path
 * @param {Record<string, any>} [query]
 */
function address(path, query) {
	const given = Object.entries(query || {}).filter(([, v]) => v !== null && v !== undefined && v !== '');
	return given.length ? `${path}?${new URLSearchParams(given.map(([k, v]) => [k, String(v)]))}` : path;
}

/** @param {Options} o */
function payload(o) {
	if (o.body === undefined || o.body instanceof Blob)
		return o.body;
	return JSON.stringify(o.body);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} o
 */
async function send(method, path, o) {
	const headers = new Headers({ Accept: 'application/json', ...o.headers });
	if (token)
		headers.set('Authorization', `Bearer ${token}`);
	if (o.body !== undefined && !(o.body instanceof Blob))
		headers.set('Content-Type', 'application/json');
	const late = AbortSignal.timeout(o.timeout || TIMEOUT_MS);
	const asked = Date.now();
	try {
		const response = await fetch(address(path, o.query), {
			method, headers, body: payload(o), credentials: 'same-origin', keepalive: !!o.keepalive,
			signal: o.signal ? AbortSignal.any([late, o.signal]) : late,
		});
		if (method !== 'GET')
			noteDate(response.headers.get('Date'), asked);
		return { response, text: await response.text() };
	} catch (cause) {
		if (o.signal?.aborted)
			throw new Problem({ status: 0, code: 'aborted' });
		const code = late.aborted ? 'timeout' : 'unreachable';
		throw new Problem({ status: 0, code });
	}
}

/** A refusal that is not the service's own: of a proxy before it. @param {Response} response */
const wordless = ({ status }) => ({ status, code: status >= 502 ? 'away' : 'unreadable' });

/** A body, null when there is none. @type {(response: Response, text: string) => any} */
function read(response, text) {
	if (!text)
		return response.ok ? null : wordless(response);
	try {
		return JSON.parse(text);
	} catch (cause) {
		if (response.ok)
			throw new Problem({ status: response.status, code: 'unreadable' });
		return wordless(response);
	}
}

/** @type {(method: string, path: string, o: Options) => Promise<{body: any, etag: string | null}>} */
async function call(method, path, o) {
	const { response, text } = await send(method, path, o);
	const body = read(response, text);
	if (response.ok)
		return { body, etag: response.headers.get('ETag') };
	const problem = new Problem({ status: response.status, ...body });
	problem.retryAfter = Number(response.headers.get('Retry-After')) || 0;
	throw problem;
}

/** The text of a file. @param {string} path */
export async function getFile(path) {
	const { response, text } = await send('GET', path, {});
	if (!response.ok)
		throw new Problem(wordless(response));
	return text;
}

/** @param {string} jwt what it says, unchecked: the service checks it */
function claimsOf(jwt) {
	try {
		return JSON.parse(atob(jwt.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
	} catch (cause) {
		return {};
	}
}
/** @param {string} jwt */
const profileOf = (jwt) => Number(claimsOf(jwt).pid) || 0;
/** @param {string} jwt */
const bearerOf = (jwt) => `${claimsOf(jwt).sid} ${profileOf(jwt)}`;

/** Answers that were asked for before anybody wanted them. @type {Map<string, {answer: Promise<any>, value?: any}>} */
const early = new Map();

/** @param {{access_token: string, expires_in: number} | null} tokens */
function keep(tokens) {
	early.clear(); // they were for somebody else
	token = tokens?.access_token || '';
	expires = tokens ? Date.now() + tokens.expires_in * 1000 : 0;
	inDoubt = false;
	try {
		if (tokens)
			localStorage.setItem(HINT, bearerOf(token));
		else
			localStorage.removeItem(HINT);
		noted = true;
	} catch (cause) {
		noted = false; // every start asks the service
	}
}

/** @param {any} tokens */
function adopt(tokens) {
	keep(tokens);
	announce({ access: token, expires });
}

/** What was not asked for: the profile may be another one by now. @param {() => void} change */
function noticing(change) {
	const before = token && profileOf(token);
	change();
	if (before !== profileOf(token))
		tellProfile(profileOf(token));
}

/** What a tab tells when another one signs out, while the session still lives. @type {Set<() => void>} */
const lastWords = new Set();

/** For who plays. @param {() => void} tell @returns {() => void} to be called when it is told, or not to be told any more */
export function beforeEnd(tell) {
	const leave = occupy(PLAYING);
	lastWords.add(tell);
	return () => {
		lastWords.delete(tell);
		leave();
	};
}

onAnnounced((news) => {
	if (news.ended) {
		if (Date.now() < expires - EARLY_MS) // none is exchanged for it
			lastWords.forEach((tell) => tell());
		keep(null);
		tellEnded();
		return;
	}
	noticing(() => ({ access: token, expires } = news));
});

/** Who is signed in, as the last tab said that knew; '' for nobody. */
function hint() {
	try {
		return localStorage.getItem(HINT) || '';
	} catch (cause) {
		return '?';
	}
}

/** Whether somebody was signed in here before; without an answer the service is asked for nothing. */
export const mayBeSignedIn = () => hint() !== '';

/** A page that is seen again may have been told nothing meanwhile: of who is signed in now, or that nobody is. */
function catchUp() {
	const now = hint();
	const [session, profile] = now.split(' ');
	if (!token || !noted || now === bearerOf(token))
		return;
	if (!now) {
		keep(null);
		tellEnded();
	} else if (profile) {
		tellProfile(session === String(claimsOf(token).sid) ? Number(profile) : 0);
	}
}
addEventListener('pageshow', (event) => { if (event.persisted) catchUp(); });
document.addEventListener('visibilitychange', () => { if (!document.hidden) catchUp(); });

/** @param {string} used the token that was refused; another tab may have a new one by now */
export function refresh(used = token) {
	return alone('antenna-refresh', async () => {
		if (token !== used && Date.now() < expires)
			return;
		const { body } = await call('POST', '/auth/refresh', { body: {}, headers: COOKIE, keepalive: true });
		noticing(() => adopt(body));
	});
}

/** @type {Promise<void> | null} */
let begun = null;
/** Signs in again as early as can be, and asks for what will be wanted then. @param {string[]} paths */
export function begin(paths) {
	if (!mayBeSignedIn())
		return;
	begun = refresh();
	begun.then(() => paths.forEach((path) => {
		const asked = { answer: get(path), value: undefined };
		early.set(path, asked);
		asked.answer.then((value) => { asked.value = value; }, () => {});
	})).catch(() => {});
}

/** What was asked for early: when it is there or has failed. @param {string} path */
export const settled = (path) => Promise.resolve(early.get(path)?.answer).catch(() => {});

/** The answer that was asked for early, when it is there. @param {string} path */
export function known(path) {
	const value = early.get(path)?.value;
	if (value)
		early.delete(path);
	return value;
}

/** The first refresh of this page: that of begin, when it did not fail. */
export function resumed() {
	const first = begun || refresh();
	begun = null;
	return first;
}

/** @param {Problem} cause */
function ended(cause) {
	keep(null);
	announce({ ended: true });
	tellEnded(cause);
}

/** @param {string} used */
async function renew(used) {
	try {
		await refresh(used);
	} catch (cause) {
		if (cause instanceof Problem && cause.status === 401)
			ended(cause);
		throw cause;
	}
}

/** @type {(method: string, path: string, o?: Options) => Promise<{body: any, etag: string | null}>} */
export async function ask(method, path, o = {}) {
	if (token && Date.now() > expires - EARLY_MS)
		await renew(token).catch((cause) => {
			if (!token || Date.now() > expires)
				throw cause;
		});
	const used = token;
	try {
		return await call(method, path, o);
	} catch (cause) {
		if (!(cause instanceof Problem) || cause.status !== 401 || !used)
			throw cause;
		if (!STALE.has(cause.code)) {
			if (used === token)
				ended(cause);
			throw cause;
		}
		await renew(used);
	}
	return call(method, path, o);
}

/** @type {(path: string, query?: Record<string, any>, o?: Options) => Promise<any>} */
export async function get(path, query, o) {
	const asked = query || o ? undefined : early.get(path);
	if (!asked)
		return (await ask('GET', path, { ...o, query })).body;
	early.delete(path);
	return asked.answer;
}
/** @type {(path: string, body?: any, o?: Options) => Promise<any>} */
export const post = async (path, body, o) => (await ask('POST', path, { ...o, body })).body;
/** @type {(path: string, body?: any, o?: Options) => Promise<any>} */
export const put = async (path, body, o) => (await ask('PUT', path, { ...o, body })).body;
/** @type {(path: string, body?: any) => Promise<any>} */
export const patch = async (path, body) => (await ask('PATCH', path, { body })).body;
/** @type {(path: string, body?: any, o?: Options) => Promise<any>} */
export const remove = async (path, body, o) => (await ask('DELETE', path, { ...o, body })).body;

/** What else happens to the session: it ended here or in another tab, or has another profile. */
export function onSession(/** @type {typeof tellEnded} */ end, /** @type {typeof tellProfile} */ profile) {
	tellEnded = end;
	tellProfile = profile;
}

/** @type {(email: string, password: string, device: string) => Promise<void>} */
export async function signIn(email, password, device) {
	keep(null);
	const body = { email, password, device_name: device };
	adopt((await call('POST', '/auth/login', { body, headers: COOKIE })).body);
}

/** A code for this device, to be confirmed on another one. @param {string} device */
export async function askForCode(device) {
	return (await call('POST', '/auth/device', { body: { device_name: device } })).body;
}

/** Whether it was confirmed: then somebody is signed in. @param {string} code */
export async function signInByCode(code) {
	adopt((await call('POST', '/auth/device/token', { body: { device_code: code }, headers: COOKIE })).body);
}

/** @type {(id: number, pin?: string) => Promise<void>} */
export function selectProfile(id, pin) {
	return alone('antenna-refresh', async () => {
		const path = `/users/profiles/${id}/select`;
		const body = pin ? { pin } : {};
		try {
			adopt((await ask0('POST', path, { body, headers: COOKIE, keepalive: true })).body);
		} catch (cause) {
			inDoubt = cause instanceof Problem && (!cause.status || cause.status >= 500);
			throw cause;
		}
	});
}

/** Like ask, for who already holds the lock. @type {typeof ask} */
async function ask0(method, path, o = {}) {
	if (inDoubt || Date.now() > expires - EARLY_MS)
		keep((await call('POST', '/auth/refresh', { body: {}, headers: COOKIE, keepalive: true })).body);
	return call(method, path, o);
}

/** Here at once; that the service could not be told changes nothing here. */
export async function signOut() {
	keep(null);
	announce({ ended: true });
	await vacant(PLAYING, LAST_WORDS_MS);
	await alone('antenna-refresh',
		() => call('POST', '/auth/logout', { body: {}, headers: COOKIE, keepalive: true }));
}

/** @param {string} email */
export async function forgot(email) {
	await call('POST', '/auth/forgot', { body: { email } });
}

/** @type {(token: string, password: string) => Promise<void>} */
export async function resetPassword(token, password) {
	await call('POST', '/auth/reset', { body: { token, new_password: password } });
}

/** @param {string} token */
export async function confirmEmail(token) {
	await call('POST', '/auth/email/confirm', { body: { token } });
}

/** @type {(body: Record<string, any>) => Promise<any>} */
export async function register(body) {
	return (await call('POST', '/auth/register', { body })).body;
}

/** A running playback ends with its page. @param {number|string} session */
export function endPlayback(session) {
	return ask('DELETE', `/play/sessions/${session}`, { keepalive: true }).catch(() => {});
}
