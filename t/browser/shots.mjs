// Pictures of the pages at the sizes that matter, to be looked at:
//   node t/browser/shots.mjs http://127.0.0.1:8080 EMAIL PASSWORD DIRECTORY [page…]
import { mkdirSync } from 'node:fs';
import { launch, openPage, signIn } from './lib.mjs';

const [base, email, password, directory, ...wanted] = process.argv.slice(2);
if (!directory) {
	console.error('usage: shots.mjs ADDRESS EMAIL PASSWORD DIRECTORY [page…]');
	process.exit(2);
}

const sizes = (process.env.SIZES || '360x740 1280x720 1920x1080').split(' ').map((s) => s.split('x').map(Number));
const first = (path) => `${path} a.card`;
const pages = {
	'sign-in': '/app/sign-in', who: '/app/who', home: '/', movies: '/app/movies', series: '/app/series',
	live: '/app/live', guide: '/app/guide', list: '/app/list', search: '/app/search?q=the',
	plan: '/app/account/plan', purchases: '/app/account/purchases', devices: '/app/account/devices', data: '/app/account/data',
	movie: first('/app/movies'), 'one-series': first('/app/series'), admin: '/app/admin',
	'admin-titles': '/app/admin/titles', 'admin-users': '/app/admin/users', 'admin-why': '/app/admin/why',
	'admin-channels': '/app/admin/channels', 'admin-feeds': '/app/admin/feeds', 'admin-guide': '/app/admin/guide', 'admin-audit': '/app/admin/audit', 'admin-plans': '/app/admin/plans', 'admin-search': '/app/admin/search',
};

async function shoot(page, name, width) {
	const [path, link] = pages[name].split(' ');
	await page.goto(path);
	if (link) {
		await page.waitForSelector(link);
		await page.click(link);
	}
	await page.waitForTimeout(900);
	await page.screenshot({ path: `${directory}/${name}-${width}.png` });
}

mkdirSync(directory, { recursive: true });
const browser = await launch();
for (const [width, height] of sizes) {
	const page = await openPage(browser, base, { width, height });
	const names = wanted.length ? wanted : Object.keys(pages);
	if (names.includes('sign-in'))
		await shoot(page, 'sign-in', width);
	await signIn(page, email, password);
	for (const name of names.filter((n) => n !== 'sign-in'))
		await shoot(page, name, width).catch((cause) => console.error(`${name}: ${cause.message.split('\n')[0]}`));
	for (const text of new Set(page.wrong))
		console.error(`${width}: ${text}`);
	await page.context().close();
}
await browser.close();
