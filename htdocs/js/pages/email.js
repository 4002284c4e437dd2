// Another e-mail address, by the link that came there. Its token is behind the #, where no server sees it.
import { ref } from 'vue';
import { RouterLink, useRoute } from 'vue-router';
import * as api from '../core/api.js';
import { html } from '../core/html.js';
import { renew, session } from '../core/session.js';
import { t } from '../core/text.js';
import { FormProblem, useForm } from '../parts/form.js';
import { Gate } from '../parts/gate.js';

export default {
	setup() {
		const route = useRoute();
		const done = ref(false);
		const form = useForm(async () => {
			await api.confirmEmail(route.hash.slice(1));
			done.value = true;
			await renew();
		});

		return () => {
			const { state } = form;
			const next = session.state === 'in' ? { to: { name: 'account', params: { part: 'data' } }, text: t('nav.account') } : { to: { name: 'sign-in' }, text: t('gate.sign_in') };
			return html`<${Gate} title=${t('gate.address')} onSubmit=${form.submit}>
				${done.value ? html`<p role="status">${t('gate.address_done')}</p>
					<${RouterLink} class="button main" to=${next.to} replace=${true}>${next.text}<//>` : html`<${FormProblem} form=${state} />
					<p class="quiet">${t('gate.address_why')}</p>
					<button class="main" type="submit" autofocus aria-disabled=${state.busy || null}>${t(state.busy ? 'one_moment' : 'gate.do_address')}</button>`}
			<//>`;
		};
	},
};
