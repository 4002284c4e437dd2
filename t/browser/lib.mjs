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
	page.setDefaultTimeout(15000);
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
