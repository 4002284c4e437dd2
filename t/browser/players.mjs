// Addresses with a key, for players that know no sign-in; started by players.t.
import { createRequire } from 'node:module';
import { accessible, account, close, done, is, launch, ok, openAs, picture, root, together } from './lib.mjs';

const [base] = process.argv.slice(2);
const { generate } = createRequire(`${root}build/npm/`)('lean-qr');
const browser = await launch();

const status = async (url) => (await fetch(url)).status;
const value = (page, label) => page.getByLabel(label, { exact: true }).inputValue();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

async function open(who, options) {
	const page = await openAs(browser, base, who, options);
	await page.goto('/app/account/devices');
	await page.getByRole('heading', { name: 'IPTV players' }).waitFor();
	return page;
}

async function life() {
	const who = await account(base, 'Ivy');
	const page = await open(who, { bypassCSP: true, permissions: ['clipboard-read', 'clipboard-write'] });
	await press(page, 'Get addresses');
	await page.getByText('They are shown only now.').waitFor();
	const playlist = await value(page, 'Playlist (M3U)');
	const guide = await value(page, 'Guide (XMLTV)');
	is(await status(playlist), 200, 'the playlist is there');
	is(await status(guide), 200, 'and the guide');
	const squares = await page.locator('.qr path').getAttribute('d');
	is(squares.match(/M/g).length, [...Array(generate(playlist).size).keys()].flatMap((y, _, all) => all.filter((x) => generate(playlist).get(x, y))).length, 'a picture of its address');
	await accessible(page, 'the addresses');
	await press(page, 'Copy: Playlist (M3U)');
	await page.getByText('Copied.').waitFor();
	is(await page.evaluate(() => navigator.clipboard.readText()), playlist, 'it is copied by a press');
	await page.getByLabel('Guide (XMLTV)', { exact: true }).focus();
	is(await page.evaluate(() => getSelection().toString()), guide, 'or marked, to be copied by hand');
	await picture(page, 'players');

	await press(page, 'Get new addresses');
	await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
	is(await status(playlist), 200, 'who thinks again keeps them');
	await press(page, 'Get new addresses');
	await page.getByRole('dialog').getByRole('button', { name: 'Get new addresses' }).click();
	await page.waitForFunction((old) => ![old, undefined].includes(document.querySelector('#field-playlist')?.value), playlist);
	is(await status(playlist), 404, 'new ones end them');
	const next = await value(page, 'Playlist (M3U)');
	is(await status(next), 200, 'and are good themselves');

	await page.reload();
	await page.getByText('There are addresses, made').waitFor();
	ok(!(await page.content()).includes(next.split('key=')[1]), 'later only that there are some is told');
	await press(page, 'End them');
	await page.getByRole('dialog').getByRole('button', { name: 'End them' }).click();
	await page.getByRole('button', { name: 'Get addresses', exact: true }).waitFor();
	is(await status(next), 404, 'they are ended');
	await close(page, 'life');
}

async function small() {
	const page = await open(await account(base, 'Ira'), { width: 360, height: 740 });
	await press(page, 'Get addresses');
	await page.getByText('They are shown only now.').waitFor();
	ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than a telephone');
	await picture(page, 'players-small');
	await close(page, 'small');
}

await together([['life', life], ['small', small]], 2);
await browser.close();
done();
