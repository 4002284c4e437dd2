// Swagger UI in Chromium: docs.mjs BASE TOKEN EMAIL [PICTURE]
import { diag, done, is, launch, ok, openPage, scenario } from './lib.mjs';

const [, , base, token, email, picture] = process.argv;
const browser = await launch();
const page = await openPage(browser, base);

await scenario('the page', async () => {
	await page.goto('/docs');
	is(new URL(page.url()).pathname, '/docs/', '/docs leads to /docs/');
	await page.waitForSelector('.opblock-tag');
	const tags = await page.locator('.opblock-tag').count();
	ok(tags >= 8, 'every family is there', tags);
	is(await page.locator('.errors-wrapper').count(), 0, 'Swagger UI finds no error in the document');
	const size = await page.locator('.swagger-ui .info .title').evaluate((e) => getComputedStyle(e).fontSize);
	is(size, '36px', 'its styles hold');
});

await scenario('Try it out with a token', async () => {
	await page.click('.btn.authorize');
	await page.fill('.auth-container input', token);
	await page.click('.auth-btn-wrapper .authorize');
	await page.click('.auth-btn-wrapper .btn-done');
	await page.click('#operations-tag-users');
	const operation = page.locator('#operations-users-get_users_me');
	await operation.locator('.opblock-summary-control').click();
	await operation.locator('.try-out__btn').click();
	await operation.locator('.execute').click();
	const answer = operation.locator('.live-responses-table .response-col_description .highlight-code').first();
	await answer.waitFor();
	ok((await answer.innerText()).includes(email), 'the answer is there', await answer.innerText());
	is(await operation.locator('.live-responses-table tbody .response-col_status').first().innerText().then((text) => text.split('\n')[0]), '200', 'with its status');
	if (picture)
		await page.screenshot({ path: picture, fullPage: false });
});

await scenario('an example of a body', async () => {
	await page.click('#operations-tag-auth');
	const operation = page.locator('#operations-auth-post_auth_register');
	await operation.locator('.opblock-summary-control').click();
	const text = await operation.locator('.opblock-section-request-body .highlight-code').first().innerText();
	ok(text.includes('ann@example.org'), 'is that of the document', text);
});

is(JSON.stringify(page.wrong), '[]', 'nothing was blocked, failed, or left the host');
for (const text of page.wrong.slice(0, 10))
	diag(text);
await browser.close();
done();
