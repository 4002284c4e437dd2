// Puts the app together: language, session, addresses, arrow keys.
import { createApp, h } from 'vue';
import { App } from './app.js';
import { goBack, router } from './core/router.js';
import { resume, session } from './core/session.js';
import { startSpatial } from './core/spatial.js';
import { firstLanguage } from './core/text.js';
import { complain } from './parts/toast.js';

export async function start() {
	await Promise.all([firstLanguage(), resume()]);
	const app = createApp({ render: () => h(App) });
	app.config.errorHandler = (cause) => {
		console.error(cause);
		complain(cause);
	};
	app.use(router);
	startSpatial(() => goBack());
	await router.isReady();
	app.mount('#app');
	// A page opened at its address is for the profile that spoke last; at the entry one chooses.
	if (session.state === 'in' && !session.chosen && router.currentRoute.value.name === 'home')
		(await import('./pages/who.js')).offerChoice();
}
