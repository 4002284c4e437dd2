// What the browser tests share: a Chromium, a page that notes what must not happen, and signing in.
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
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

export async function signIn(page, email, password) {
	await page.goto('/app/sign-in');
	await page.fill('input[name=email]', email);
	await page.fill('input[name=password]', password);
	await page.click('button[type=submit]');
	await page.waitForURL((url) => !/sign-in/.test(url.pathname));
}

// --- TAP

let tests = 0;
let bad = 0;

export function ok(good, name, more = '') {
	tests++;
	console.log(`${good ? 'ok' : 'not ok'} ${tests} - ${name.replace(/[\n#]/g, ' ')}`);
	if (!good) {
		bad++;
		if (more !== '')
			diag(typeof more === 'string' ? more : JSON.stringify(more, null, 1));
	}
	return good;
}

export const is = (got, wanted, name) => ok(got === wanted, name, `got ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
export const diag = (text) => console.log(text.split('\n').map((line) => `# ${line}`).join('\n'));
export const skip = (name, why) => console.log(`ok ${++tests} - ${name} # SKIP ${why}`);

// A scenario that throws is one failure; what comes after it still runs.
export async function scenario(name, work) {
	diag(name);
	try {
		await work();
	} catch (cause) {
		ok(false, name, cause.stack.split('\n').slice(0, 12).join('\n'));
	}
}

export function done() {
	console.log(`1..${tests}`);
	process.exit(bad ? 1 : 0);
}
