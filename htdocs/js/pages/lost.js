// An address that is no page.
import { RouterLink } from 'vue-router';
import { html } from '../core/html.js';
import { t } from '../core/text.js';
import { Empty } from '../parts/states.js';

export default {
	setup: () => () => html`<main class="page" id="main" tabindex="-1"><${Empty} icon="lost" title=${t('state.missing')} text=${t('state.missing_why')}>
		<${RouterLink} class="button" to="/">${t('nav.home')}<//><//></main>`,
};
