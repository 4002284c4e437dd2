// The API's description as a page (/docs/): Swagger UI, which sends requests with the token that is pasted under Authorize.
const { SwaggerUIBundle } = /** @type {any} */ (globalThis);

if (SwaggerUIBundle) {
	SwaggerUIBundle({
		url: '/openapi.json',
		dom_id: '#api',
		deepLinking: true,
		docExpansion: 'none',
		defaultModelsExpandDepth: 0,
		filter: true,
		validatorUrl: null,
	});
} else {
	const main = /** @type {HTMLElement} */ (document.getElementById('api'));
	main.textContent = 'Swagger UI is missing: conf/npm.sh run installs it. The description itself is /openapi.json.';
}
