// The only place that speaks with the service. The tokens live here and nowhere else: not in
// storage, not in a cookie; closing the page forgets them.

const TIMEOUT_MS = 10000;

// Codes that a new access token of the same session mends.
const stale = ['token_expired', 'role_changed'];

let token = null;
let refreshToken = null;
let refreshing = null;
let tellEnded = () => {};

// A refusal: problem+json of the service, or a request that never arrived (status 0).
export class Problem extends Error {
	constructor(body) {
		super(body.detail || body.title);
		this.status = body.status;
		this.code = body.code;
		this.requestId = body.request_id;
		this.errors = body.errors || [];
	}
}

// Called with the problem when the service no longer takes the token.
export function onSessionEnd(callback) {
	tellEnded = callback;
}

async function send(method, path, body) {
	const headers = { Accept: 'application/json' };
	if (token)
		headers.Authorization = `Bearer ${token}`;
	if (body)
		headers['Content-Type'] = 'application/json';
	try {
		return await fetch(path, {
			method,
			headers,
			body: body && JSON.stringify(body),
			credentials: 'omit',
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
	} catch (cause) {
		const detail = 'The service cannot be reached.';
		throw new Problem({ status: 0, code: 'unreachable', detail });
	}
}

async function read(response) {
	try {
		return response.status === 204 ? null : await response.json();
	} catch (cause) {
		const detail = 'The answer cannot be read.';
		throw new Problem({ status: response.status, code: 'unreadable', detail });
	}
}

async function call(method, path, body) {
	const response = await send(method, path, body);
	const answer = await read(response);
	if (!response.ok)
		throw new Problem(answer);
	return answer;
}

function keep(tokens) {
	token = tokens?.access_token ?? null;
	refreshToken = tokens?.refresh_token ?? null;
}

// One at a time: a refresh token that is used twice ends its session.
function refresh() {
	refreshing ??= call('POST', '/auth/refresh', { refresh_token: refreshToken })
		.then(keep)
		.finally(() => { refreshing = null; });
	return refreshing;
}

// The problem of a request with that token: carries on with a new token, or ends the session.
async function renew(problem, used) {
	if (used !== token)
		return;
	try {
		if (!stale.includes(problem.code))
			throw problem;
		await refresh();
	} catch (cause) {
		if (cause.status === 401 && used === token) {
			keep(null);
			tellEnded(cause);
		}
		throw cause;
	}
}

// A request of somebody who is signed in.
async function request(method, path, body) {
	const used = token;
	try {
		return await call(method, path, body);
	} catch (problem) {
		if (problem.status !== 401 || !used)
			throw problem;
		await renew(problem, used);
	}
	return call(method, path, body);
}

export async function signIn(email, password) {
	keep(null);
	keep(await call('POST', '/auth/login', { email, password, device_name: 'Web' }));
}

// Here at once; the service is told, and that it could not be told changes nothing here.
export async function signOut() {
	const spent = refreshToken;
	keep(null);
	if (spent)
		await call('POST', '/auth/logout', { refresh_token: spent });
}

export function register(email, password, name) {
	const body = { email, password };
	if (name)
		body.name = name;
	return call('POST', '/auth/register', body);
}

export function me() {
	return request('GET', '/users/me');
}

// kind: movies or series. cursor: the next of the page before, or nothing.
export function titles(kind, cursor) {
	const query = new URLSearchParams({ limit: 24, ...(cursor && { cursor }) });
	return request('GET', `/ondemand/${kind}?${query}`);
}

export function guide() {
	return request('GET', '/livetv/epg?limit=25');
}

// The state of the service; a service that is down says so in a body as well.
export async function health() {
	return read(await send('GET', '/health'));
}
