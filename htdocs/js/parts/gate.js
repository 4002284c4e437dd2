// The frame of the forms before the door: what the service is, the form, the language; and the way in.
import { useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { html } from '../core/html.js';
import { session } from '../core/session.js';
import { chooseLanguage, language, languages, t } from '../core/text.js';

/** Pages to go on to are this app's own. @param {any} to */
const onward = (to) => typeof to === 'string' && /^\/app\/(?!sign-in|register|code)/.test(to) ? to : null;

/** Leads who is signed in on to a page, by the choice of a profile where there is one. */
export function useEntry() {
	const router = useRouter();
	return async (/** @type {any} */ wanted) => {
		const { items } = await api.get('/users/profiles').catch(() => ({ items: [] }));
		session.chosen = items.length === 1 && !items[0].has_pin;
		if (session.chosen)
			sessionStorage.setItem('antenna.profile', String(session.user?.profile.id));
		const to = onward(wanted);
		router.replace(session.chosen ? to || '/' : { name: 'who', query: to ? { to } : {} });
	};
}

function Languages() {
	return html`<p class="languages">${Object.entries(languages).map(([code, name]) => html`<button type="button" class="quiet-button"
		lang=${code} aria-pressed=${language.value === code} onClick=${() => chooseLanguage(code)}>${name}</button>`)}</p>`;
}

/** @param {{title: string}} props @param {any} context */
export function Gate({ title }, { slots, emit }) {
	return html`<main class="gate" id="main" tabindex="-1">
		<div class="gate-words">
			<p class="brand"><img src="/favicon.svg" alt="" width="44" height="44" />Antenna</p>
			<p class="claim">${t('gate.claim')}</p>
		</div>
		<form class="panel" onSubmit=${(/** @type {Event} */ event) => emit('submit', event)} aria-labelledby="gate-title">
			<h1 id="gate-title">${title}</h1>
			${slots.default()}
			${Languages()}
		</form>
	</main>`;
}
Gate.props = ['title'];
Gate.emits = ['submit'];
