// A television set that is signed in from a phone: the one by the keys of a remote alone, the other by a link or by typing; started by
// device.t.
import { createRequire } from 'node:module';
import { accessible, account, clean, close, comes, done, is, launch, ok, openAs, openPage, picture, requests, root, scenario } from './lib.mjs';

const [base] = process.argv.slice(2);
const { generate } = createRequire(`${root}build/npm/`)('lean-qr');
const browser = await launch();
const expected = /status of 4(00|01|04)/; // the browser says of each refusal that there was one, and a poll is one until it is none

const television = (more) => openPage(browser, base, { expected, ...more });
const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim());
const codeOn = (page) => page.locator('p > .user-code').textContent();

/** Arrows until what says that has the focus. */
async function arrowsTo(page, text, key = 'ArrowDown') {
	for (let n = 0; n < 12 && await focused(page) !== text; n++)
		await page.keyboard.press(key);
	return is(await focused(page), text, `${key} leads to “${text}”`);
}

/** What the picture must be: black squares, and a margin of four around them. */
function pictureOf(text) {
	const bitmap = generate(text);
	let path = '';
	for (let y = 0; y < bitmap.size; y++)
		for (let x = 0; x < bitmap.size; x++)
			path += bitmap.get(x, y) ? `M${x} ${y}h1v1h-1z` : '';
	return { path, box: `-4 -4 ${bitmap.size + 8} ${bitmap.size + 8}` };
}

const hide = (page, hidden) => page.evaluate((h) => {
	Object.defineProperty(document, 'hidden', { configurable: true, get: () => h });
	document.dispatchEvent(new Event('visibilitychange'));
}, hidden);

await scenario('by remote and by phone', async () => {
	const who = await account(base, 'Tess');
	const tv = await television({ bypassCSP: true });
	await tv.goto('/app/sign-in?to=%2Fapp%2Flist');
	await tv.waitForSelector('input[name=email]');
	await picture(tv, 'device-sign-in');
	await arrowsTo(tv, 'Sign in with your phone');
	await tv.keyboard.press('Enter');
	await tv.waitForSelector('.by-code');
	const code = await codeOn(tv);
	ok(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/.test(code), 'a code to be typed is shown', code);
	is(await tv.locator('.address').textContent(), `${base.replace('http://', '')}/app/link`, 'and a short address');
	const drawn = await tv.evaluate(() => ({ path: document.querySelector('.qr path').getAttribute('d'), box: document.querySelector('.qr').getAttribute('viewBox') }));
	is(JSON.stringify(drawn), JSON.stringify(pictureOf(`${base}/app/link?code=${code}`)), 'and a QR code of the address with the code');
	ok(await tv.evaluate(() => document.documentElement.scrollHeight <= innerHeight), 'all of it fits');
	await accessible(tv, 'the code');
	ok(await tv.evaluate(() => [...document.querySelectorAll('.panel strong')].every((e) => e.scrollWidth <= e.clientWidth)), 'and nothing of it is cut off');
	await picture(tv, 'device-code');

	const phone = await openPage(browser, base, { width: 360, height: 740, expected, bypassCSP: true });
	await phone.goto(`/app/link?code=${code}`);
	await phone.waitForURL(/sign-in/);
	await phone.waitForSelector('input[name=password]');
	is(await phone.getByRole('link', { name: 'Sign in with your phone' }).count(), 0, 'a phone has a keyboard, and offers no other phone');
	await phone.fill('input[name=email]', who.email);
	await phone.fill('input[name=password]', who.password);
	await phone.keyboard.press('Enter');
	await phone.waitForSelector('.device');
	ok(phone.url().endsWith(`/app/link?code=${code}`), 'who is not signed in there does that first, and the code is kept');
	const shown = await phone.locator('.device').innerText();
	ok(/Chrome/.test(shown) && shown.includes('127.0.0.1') && shown.includes(code) && shown.includes(who.email) && /now|seconds? ago/.test(shown), 'what asks is shown: its name, address, time, code, and for which account', shown);
	await accessible(phone, 'the decision');
	await picture(phone, 'device-link');
	const answers = requests(phone, 'POST', /device\/(approve|deny)/);
	for (const key of ['Enter', 'Space', 'Enter'])
		await phone.keyboard.press(key);
	is(answers.length, 0, 'keys that come too early decide nothing');
	await phone.getByRole('button', { name: 'Let it in' }).click();
	await phone.waitForSelector('[role=status]:has-text("goes on by itself")');
	await accessible(phone, 'the end of it');
	await picture(phone, 'device-approved');
	await tv.waitForURL((url) => url.pathname === '/app/list');
	ok(true, 'the television set goes on by itself, to where it wanted');
	await phone.getByRole('link', { name: 'All devices' }).click();
	await phone.waitForSelector('.lines li');
	ok(await comes(phone, () => document.querySelectorAll('.lines li strong').length === 3), 'both are in the list of devices, beside the session of this test');
	await tv.reload();
	await tv.waitForSelector('main.page');
	ok(tv.url().endsWith('/app/list'), 'and it stays signed in');
	await close(tv, 'the television set');
	await close(phone, 'the phone');
});

await scenario('typed by hand, and refused', async () => {
	const who = await account(base, 'Uma');
	const tv = await television({ locale: 'de-DE', bypassCSP: true });
	await tv.goto('/app/code');
	await tv.waitForSelector('.by-code');
	const code = await codeOn(tv);
	await picture(tv, 'device-code-de');
	const phone = await openAs(browser, base, who, { width: 360, height: 740, expected, bypassCSP: true });
	await phone.goto('/app/account/devices');
	await phone.getByRole('link', { name: 'Sign in a television set' }).click();
	ok(await comes(phone, () => document.activeElement?.getAttribute('name') === 'user_code'), 'the list of devices leads to a field for the code');
	await accessible(phone, 'the field');
	await picture(phone, 'device-enter');
	await phone.keyboard.type('BBBB-BBBB');
	await phone.keyboard.press('Enter');
	await phone.waitForSelector('[role=alert]:has-text("No device shows this code")');
	await phone.fill('input[name=user_code]', ` ${code.toLowerCase().replace('-', '')} `);
	await phone.keyboard.press('Enter');
	await phone.waitForSelector('.device');
	await phone.getByRole('button', { name: 'Refuse' }).click();
	await phone.waitForSelector('[role=status]:has-text("was not let in")');
	await tv.waitForSelector('[role=alert]');
	await picture(tv, 'device-denied');
	await accessible(tv, 'a refusal');
	is(await focused(tv), 'Neuen Code holen', 'the other one is told, and has the focus on a new code');
	await tv.keyboard.press('Enter');
	await tv.waitForSelector('.by-code');
	ok(await codeOn(tv) !== code, 'which is another one');
	await arrowsTo(tv, 'Mit Passwort anmelden');
	await tv.keyboard.press('Enter');
	await tv.waitForSelector('input[name=password]');
	ok(true, 'the password is still a way in');
	await close(tv, 'the refused one');
	await close(phone, 'who refused');
});

await scenario('when it is asked', async () => {
	const tv = await television();
	await tv.clock.install();
	await tv.clock.pauseAt(Date.now() + 1000); // it goes by when told to, and else not
	await tv.addInitScript(() => {
		const { fetch } = window;
		window.polls = window.answers = 0;
		window.fetch = async (url, options) => {
			const counts = Number(String(url).endsWith('/auth/device/token'));
			window.polls += counts;
			const answer = await fetch(url, options);
			const read = answer.text.bind(answer);
			answer.text = async () => {
				const text = await read();
				window.answers += counts;
				return text;
			};
			return answer;
		};
	});
	let answer = { code: 'authorization_pending' }; // the service would say that time does not go by so fast
	await tv.route('**/auth/device/token', (route) => route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify({ status: 400, ...answer }) }));
	await tv.goto('/app/code');
	await tv.waitForSelector('.by-code');
	const polls = () => tv.evaluate(() => window.polls);
	/** So many seconds go by; what is asked for meanwhile is answered, and the page has read it. */
	async function seconds(n) {
		await comes(tv, () => window.answers === window.polls);
		for (let i = 0; i < n; i++) {
			await tv.clock.runFor(1000);
			await comes(tv, () => window.answers === window.polls);
		}
	}
	await seconds(4);
	is(await polls(), 0, 'not before the interval is over');
	await seconds(1);
	is(await polls(), 1, 'then once');
	await hide(tv, true);
	await seconds(60);
	is(await polls(), 1, 'nobody who looks: not at all');
	await hide(tv, false);
	is(await polls(), 2, 'and at once when somebody does');
	await seconds(0); // that is answered
	answer = { code: 'slow_down', interval: 30 };
	await seconds(5);
	is(await polls(), 3, 'told to be slower');
	await seconds(29);
	is(await polls(), 3, '  it is');
	answer = { code: 'expired_token' };
	await seconds(1);
	await tv.waitForSelector('[role=alert]:has-text("The code is over")');
	await picture(tv, 'device-over');
	is(await polls(), 4, 'a code that is over is said to be');
	await seconds(60);
	is(await polls(), 4, '  and asked for no more');
	await tv.getByRole('button', { name: 'Get another code' }).press('Enter');
	await tv.waitForSelector('.by-code');
	await tv.getByRole('link', { name: 'Sign in with a password' }).click();
	await tv.waitForSelector('input[name=password]');
	await seconds(60);
	is(await polls(), 4, 'who leaves the page asks for nothing any more');
	clean(tv, 'when it is asked');
});

await browser.close();
done();
