// The frame of the forms before the door: what the service is, the form, the language.
import { html } from '../core/html.js';
import { chooseLanguage, language, languages, t } from '../core/text.js';

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
