// The only place that speaks with the service. The access token lives here and nowhere else: not in storage, not in a
// cookie; closing the page forgets it.

const TIMEOUT_MS = 10000;

let token = null;
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

export function forget() {
	token = null;
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
		throw new Problem({ status: 0, code: 'unreachable', detail: 'The service cannot be reached.' });
	}
}

async function read(response) {
	try {
		return response.status === 204 ? null : await response.json();
	} catch (cause) {
		throw new Problem({ status: response.status, code: 'unreadable', detail: 'The answer cannot be read.' });
	}
}

async function request(method, path, body) {
	const used = token;
	const response = await send(method, path, body);
	const answer = await read(response);
	if (response.ok)
		return answer;
	const problem = new Problem(answer);
	if (response.status === 401 && used && used === token) {
		token = null;
		tellEnded(problem);
	}
	throw problem;
}

export async function signIn(email, password) {
	const tokens = await request('POST', '/auth/login', { email, password, device_name: 'Web' });
	token = tokens.access_token;
}

export function register(email, password, name) {
	const body = { email, password };
	if (name)
		body.name = name;
	return request('POST', '/auth/register', body);
}

export function me() {
	return request('GET', '/users/me');
}

// kind: movies or series. cursor: the next of the page before, or nothing.
export function titles(kind, cursor) {
	return request('GET', `/ondemand/${kind}?limit=24${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
}

export function guide() {
	return request('GET', '/livetv/epg?limit=25');
}

// The state of the service; a service that is down says so in a body as well.
export async function health() {
	const response = await send('GET', '/health');
	return read(response);
}
