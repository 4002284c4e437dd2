// Asking for a link for a new password.
import { ref } from 'vue';
import { RouterLink, useRoute } from 'vue-router';
import * as api from '../core/api.js';
import { html } from '../core/html.js';
import { t } from '../core/text.js';
import { Field, FormProblem, useForm } from '../parts/form.js';
import { Gate } from '../parts/gate.js';

export default {
	setup() {
		const route = useRoute();
		const asked = ref(false);
		const form = useForm(async ({ email }) => {
			await api.forgot(email);
			asked.value = true;
		});

		return () => {
			const { state } = form;
			return html`<${Gate} title=${t('gate.forgot')} onSubmit=${form.submit}>
				<${FormProblem} form=${state} />
				${asked.value ? html`<p role="status">${t('gate.forgot_done')}</p>` : html`<p class="quiet">${t('gate.forgot_why')}</p>
					<${Field} name="email" label=${t('gate.email')} form=${state} type="email" autocomplete="username" required=${true} maxlength="254" autofocus=${true} />
					<button class="main" type="submit" aria-disabled=${state.busy || null}>${t(state.busy ? 'one_moment' : 'gate.do_forgot')}</button>`}
				<p class="swap"><${RouterLink} to=${{ name: 'sign-in', query: route.query }} replace=${true}>${t('gate.back')}<//></p>
			<//>`;
		};
	},
};
