// What the browser tests share: a Chromium, a page that notes what must not happen, and signing in.
import { createRequire } from 'node:module';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(`${root}build/npm/`);

export const axeSource = () => require.resolve('axe-core/axe.min.js');

export function browserPath() {
	return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
}

export function launch(options = {}) {
	const { chromium } = require('playwright-core');
	return chromium.launch({
		executablePath: browserPath(), args: ['--no-sandbox', '--disable-dev-shm-usage', '--autoplay-policy=no-user-gesture-required'],
		...options,
	});
}

// A page of its own context. page.wrong lists errors of scripts and the console, and requests that
// leave the host. expected: a pattern of messages that belong to what is tested.
export async function openPage(browser, base, { width = 1280, height = 720, expected = null, ...more } = {}) {
	const context = await browser.newContext({ baseURL: base, viewport: { width, height }, locale: 'en-GB', timezoneId: 'Europe/Oslo', ...more });
	const page = await context.newPage();
	page.setDefaultTimeout(40000);
	page.wrong = [];
	const note = (text) => { if (!expected?.test(text)) page.wrong.push(text); };
	page.on('pageerror', (error) => note(`error: ${error.message}`));
	page.on('console', (message) => { if (message.type() === 'error') note(`console: ${message.text()} ${message.location().url}`); });
	page.on('dialog', (dialog) => { note(`dialog: ${dialog.message()}`); dialog.dismiss(); });
	page.on('request', (request) => {
		const url = request.url();
		if (!url.startsWith(`${base}/`) && !/^(data|blob):/.test(url))
			note(`left the host: ${url}`);
	});
	return page;
}

/** A zone where it is noon: half an hour later is the same day there. Etc/GMT+3 is three hours behind. */
export function noon() {
	const behind = new Date().getUTCHours() - 12;
	return `Etc/GMT${behind < 0 ? behind : `+${behind}`}`;
}

export async function signIn(page, email, password) {
	await page.goto('/app/sign-in');
	await page.fill('input[name=email]', email);
	await page.fill('input[name=password]', password);
	await page.click('button[type=submit]');
	await page.waitForURL((url) => !/sign-in/.test(url.pathname));
}

/** A page that somebody is signed in on. */
export async function openAs(browser, base, who, options) {
	const page = await openPage(browser, base, options);
	page.setDefaultTimeout(20000);
	await signIn(page, who.email, who.password);
	return page;
}

/** That nothing happened on a page that must not. */
export const clean = (page, name) => is([...new Set(page.wrong)].join('\n'), '', `${name}: no error, nothing left the host`);

/** The same at its end. */
export async function close(page, name) {
	clean(page, name);
	await page.context().close();
}

/** So long something may take; only what does not come takes it. */
export const LATE_MS = 15000;

/** Whether it becomes true before long. */
export const comes = (page, test, arg) => page.waitForFunction(test, arg, { timeout: LATE_MS }).then(() => true, () => false);
/** What waits for the page to have done what it had to do. */
export const drawn = (page) => page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));

/** It is another time, and the service does not say that it is not. */
export async function ownTime(page, time) {
	await page.addInitScript(() => {
		const { get } = Headers.prototype;
		Headers.prototype.get = function of(name) { return name === 'Date' ? null : get.call(this, name); };
	});
	await page.clock.install({ time });
}

/** Notes the requests of a kind. */
export function requests(page, method, pattern) {
	const seen = [];
	page.on('request', (r) => { if (r.method() === method && pattern.test(r.url())) seen.push(r.url()); });
	return seen;
}

/** The first film, newest first, that the service decides so about for somebody. */
export async function filmThat(base, who, test) {
	const { items } = await ask(base, 'GET', '/ondemand/movies?limit=100&sort=year', who);
	const ids = items.map((i) => i.id);
	const halves = [ids.slice(0, 50), ids.slice(50)].filter((some) => some.length);
	const decisions = await Promise.all(halves.map((some) => ask(base, 'GET', `/rights/access?ids=${some.join(',')}`, who)));
	const found = decisions.flatMap((d) => d.items).find(test);
	return items.find((i) => i.id === found.content_id);
}

export const sells = (type) => (decision) => decision.offers.some((o) => o.type === type);

/** A guide with an hour for each of these titles, as a file to be sent. */
export function guideFile(id, channel, begin, titles) {
	const hour = 3600000;
	const stamp = (time) => `${new Date(time).toISOString().replace(/[-:T]/g, '').slice(0, 14)} +0000`;
	const programmes = titles.map((title, n) => `<programme start="${stamp(begin + n * hour)}" stop="${stamp(begin + (n + 1) * hour)}" channel="${id}"><title>${title}</title></programme>`);
	const xml = `<tv><channel id="${id}"><display-name>${channel}</display-name></channel>${programmes.join('')}</tv>`;
	return { name: 'guide.xml', mimeType: 'application/xml', buffer: Buffer.from(xml) };
}

/** The page has to be opened with bypassCSP. */
export async function accessible(page, name) {
	await page.addScriptTag({ path: axeSource() });
	const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
	is(violations.map((v) => v.id).join(' '), '', `axe has nothing to say about ${name}`);
}

// --- TAP

let tests = 0;
let bad = 0;

export function ok(good, name, more = '') {
	tests++;
	console.log(`${good ? 'ok' : 'not ok'} ${tests} - ${name.replace(/[\n#]/g, ' ')}`);
	if (!good) {
		bad++;
		console.error(`# not ok: ${name}`); // prove shows it
		if (more !== '')
			console.error(comment(typeof more === 'string' ? more : JSON.stringify(more, null, 1)));
	}
	return good;
}

export const is = (got, wanted, name) => ok(got === wanted, name, `got ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
const comment = (text) => text.split('\n').map((line) => `# ${line}`).join('\n');
export const diag = (text) => console.log(comment(text));
export const skip = (name, why) => console.log(`ok ${++tests} - ${name} # SKIP ${why}`);

// A scenario that throws is one failure; what comes after it still runs.
export async function scenario(name, work) {
	const begin = Date.now();
	try {
		await work();
	} catch (cause) {
		ok(false, name, cause.stack.split('\n').slice(0, 12).join('\n'));
	}
	diag(`${name}: ${((Date.now() - begin) / 1000).toFixed(1)} s`);
}

// Scenarios that do not touch each other, some at a time: [name, work] each.
export async function together(scenarios, atOnce = 3) {
	const waiting = [...scenarios];
	const worker = async () => {
		for (let next = waiting.shift(); next; next = waiting.shift())
			await scenario(...next);
	};
	await Promise.all(Array.from({ length: atOnce }, worker));
}

/** A request of its own, beside the pages. */
export async function ask(base, method, path, { token, body } = {}) {
	const answer = await fetch(base + path, { method, body: body && JSON.stringify(body),
		headers: { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { 'Content-Type': 'application/json' }) } });
	const text = await answer.text();
	if (!answer.ok)
		throw new Error(`${method} ${path}: ${answer.status} ${text}`);
	return text ? JSON.parse(text) : null;
}

let people = 0;

/** A new account, signed in beside the pages: { email, password, token }. */
export async function account(base, name = 'Kim') {
	const who = { email: `${name.toLowerCase()}-${process.pid}-${++people}@example.org`, password: 'tall green kettle' };
	await ask(base, 'POST', '/auth/register', { body: { ...who, name } });
	return { ...who, token: (await ask(base, 'POST', '/auth/login', { body: who })).access_token };
}

/** The link in the newest letter to somebody that has one; letters is where the post office of a test keeps them. */
export async function linkTo(letters, email) {
	for (let tries = 0; tries < 300; tries++) {
		for (const file of readdirSync(letters).filter((f) => f.endsWith('.letter')).sort().reverse()) {
			const text = readFileSync(`${letters}/${file}`, 'latin1');
			const link = text.includes(`To: <${email}>`) && /https:\/\/tv\.example(\/app\/\w+#\S+)/.exec(Buffer.from(text.split('\r\n\r\n')[1], 'base64').toString());
			if (link)
				return link[1];
		}
		await new Promise((later) => { setTimeout(later, 100); });
	}
	throw new Error('no letter');
}

/** To be looked at. */
export const picture = (page, name) => process.env.TV_BROWSER_PICTURES && page.screenshot({ path: `${process.env.TV_BROWSER_PICTURES}/${name}.png` });

export async function subscribe(base, who, code = 'premium') {
	const { plans } = await ask(base, 'GET', '/subscriptions', who);
	await ask(base, 'POST', '/subscriptions', { ...who, body: { plan_id: plans.find((p) => p.code === code).id } });
}

export function done() {
	console.log(`1..${tests}`);
	process.exit(bad ? 1 : 0);
}
