// Puts the app together: language, session, addresses, arrow keys.
import { createApp, h } from 'vue';
import { App } from './app.js';
import { Problem, settled } from './core/api.js';
import { goBack, onLost, router } from './core/router.js';
import { resume, session } from './core/session.js';
import { startSpatial } from './core/spatial.js';
import { firstLanguage } from './core/text.js';
import { complain } from './parts/toast.js';

/** Longer than this the first page does not wait for its content: it shows that it is waiting. */
const PATIENCE_MS = 100;

export async function start() {
	await Promise.all([firstLanguage(), resume()]);
	const app = createApp({ render: () => h(App) });
	app.config.errorHandler = (cause) => {
		console.error(cause);
		complain(cause);
	};
	onLost((cause) => {
		console.error(cause);
		complain(new Problem({ code: 'unreachable' })); // its module is not there; pressed again, it is asked for again
	});
	app.use(router);
	startSpatial(() => goBack());
	await router.isReady();
	await Promise.race([settled('/ondemand/home'), new Promise((done) => { setTimeout(done, PATIENCE_MS); })]);
	app.mount('#app');
	// A page opened at its address is for the profile that spoke last; at the entry one chooses.
	if (session.state === 'in' && !session.chosen && router.currentRoute.value.name === 'home')
		(await import('./pages/who.js')).offerChoice();
}
