// The pictures of the README, from the demonstration (make run), with an account of its own for each:
//   node t/browser/pictures.mjs http://127.0.0.1:8080 admin@example.org PASSWORD
import { mkdirSync, writeFileSync } from 'node:fs';
import { account, ask, filmThat, guideFile, launch, openPage, root, sells, signIn } from './lib.mjs';

const [base, admin, password] = process.argv.slice(2);
if (!password) {
	console.error('usage: pictures.mjs ADDRESS ADMINISTRATOR PASSWORD');
	process.exit(2);
}
const directory = `${root}htdocs/docs/pictures`;
const MOST_BYTES = 60 * 1024;
const HOUR = 3600000;
mkdirSync(directory, { recursive: true });
const browser = await launch();

async function open(who) {
	const page = await openPage(browser, base, { height: 760, reducedMotion: 'reduce' });
	await signIn(page, who.email, who.password);
	return page;
}

/** As WebP, as good as the size allows. */
async function keep(page, name) {
	await page.waitForLoadState('networkidle');
	await page.mouse.move(2, 400);
	const cdp = await page.context().newCDPSession(page);
	for (let quality = 82; quality > 20; quality -= 12) {
		const { data } = await cdp.send('Page.captureScreenshot', { format: 'webp', quality });
		const bytes = Buffer.from(data, 'base64');
		if (bytes.length > MOST_BYTES)
			continue;
		writeFileSync(`${directory}/${name}.webp`, bytes);
		console.log(`${name}.webp: ${bytes.length} bytes`);
		break;
	}
	await page.context().close();
}

async function newcomer() {
	const page = await open(await account(base, 'Nora'));
	await page.goto('/');
	await page.waitForSelector('.on-air');
	await keep(page, 'newcomer');
}

async function child() {
	const who = await account(base, 'Mia');
	const { items: [own] } = await ask(base, 'GET', '/users/profiles', who);
	await ask(base, 'PUT', `/users/profiles/${own.id}`, { ...who, body: { name: 'Mia', max_age: 18, is_kids: false, pin: '2468' } });
	await ask(base, 'POST', '/users/profiles', { ...who, body: { name: 'Bo', is_kids: true, max_age: 6 } });
	const page = await open(who);
	await page.goto('/app/who');
	await page.waitForSelector('.person .mark');
	await keep(page, 'child');
}

async function rental() {
	const who = await account(base, 'Ravi');
	const page = await open(who);
	await page.goto(`/app/movies/${(await filmThat(base, who, sells('rental'))).id}`);
	await page.waitForSelector('.offer .cost');
	await keep(page, 'rental');
}

async function live() {
	const page = await open(await account(base, 'Liv'));
	await page.goto('/app/guide');
	await page.locator('.cell.on').first().click();
	await page.waitForSelector('dialog a:has-text("From the start")');
	await keep(page, 'live');
}

async function operator() {
	const page = await open({ email: admin, password });
	const begin = Math.floor(Date.now() / HOUR) * HOUR + 300 * HOUR;
	await page.goto('/app/admin/guide');
	await page.setInputFiles('[name=file]', guideFile('antenna.one', 'Antenna One', begin, ['Tides 1', 'Tides 2', 'Tides 3']));
	await page.click('form button.main');
	await page.waitForSelector('.facts-of');
	await keep(page, 'operator');
}

async function whyNot() {
	const who = await account(base, 'Wim');
	const film = await filmThat(base, who, sells('rental'));
	const page = await open({ email: admin, password });
	await page.goto('/app/admin/why');
	for (const [name, text] of [['user_id', who.email], ['content_id', film.title]]) {
		await page.fill(`#field-${name}`, text);
		await page.locator('.picks button', { hasText: text }).first().click();
	}
	await page.click('form button.main');
	await page.waitForSelector('.trace li');
	await page.evaluate(() => scrollTo(0, 340));
	await keep(page, 'why-not');
}

for (const take of [newcomer, child, rental, live, operator, whyNot])
	await take();
await browser.close();
