// Starts the app, and says what is missing when it cannot: the libraries are installed by npm
// (conf/npm.sh), and a service without them still serves everything else.

import { begin } from './core/api.js';
import { firstOf, load } from './core/language.js';

const gone = {
	en: ['The app cannot start', 'A part of it could not be loaded. Try again in a moment.',
		'The JavaScript libraries are not installed on this server. Its operator installs them ' +
		'with conf/npm.sh, which takes npm and its registry. The API runs without them.',
		'Try again'],
	de: ['Die App kann nicht starten', 'Ein Teil konnte nicht geladen werden. Bitte gleich noch ' +
		'einmal versuchen.',
		'Die JavaScript-Bibliotheken fehlen auf diesem Server. Installiert werden sie mit ' +
		'conf/npm.sh; das braucht npm und dessen Registry. Die API läuft auch ohne sie.',
		'Noch einmal'],
};

/** @param {boolean} libraries whether it is the libraries that are missing */
function say(libraries) {
	const text = firstOf(['en', 'de']) === 'de' ? gone.de : gone.en;
	const place = /** @type {HTMLElement} */ (document.getElementById('app'));
	const main = document.createElement('main');
	main.className = 'boot';
	const head = document.createElement('h1');
	head.textContent = text[0];
	const why = document.createElement('p');
	why.textContent = libraries ? text[2] : text[1];
	const again = document.createElement('button');
	again.textContent = text[3];
	again.addEventListener('click', () => location.reload());
	main.append(head, why, again);
	place.replaceChildren(main);
}

// What the first page needs and no library does: on its way while those are loaded.
begin(location.pathname === '/' ? ['/ondemand/home', '/users/me', '/users/continue-watching?limit=20', '/livetv/now?limit=24'] : ['/users/me']);
load(firstOf(['en', 'de'])).catch(() => {});

import('./main.js').then((app) => app.start()).catch((cause) => {
	console.error(cause);
	import('vue').then(() => say(false), () => say(navigator.onLine));
});
