// A new password, by the link that came by mail. Its token is behind the #, where no server sees it.
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
		const shown = ref(false);
		const done = ref(false);
		const form = useForm(async ({ new_password }) => {
			await api.resetPassword(route.hash.slice(1), new_password);
			done.value = true;
		});

		return () => {
			const { state } = form;
			return html`<${Gate} title=${t('gate.reset')} onSubmit=${form.submit}>
				<${FormProblem} form=${state} />
				${done.value ? html`<p role="status">${t('gate.reset_done')}</p>
					<${RouterLink} class="button main" to=${{ name: 'sign-in' }} replace=${true}>${t('gate.sign_in')}<//>` : html`
					<${Field} name="new_password" label=${t('gate.new_password')} form=${state} type=${shown.value ? 'text' : 'password'} required=${true}
						autocomplete="new-password" minlength="8" hint=${t('gate.password_hint')} autofocus=${true} />
					<label class="tick"><input type="checkbox" checked=${shown.value} onChange=${() => { shown.value = !shown.value; }} />${t('gate.show')}</label>
					<button class="main" type="submit" aria-disabled=${state.busy || null}>${t(state.busy ? 'one_moment' : 'gate.do_reset')}</button>
					<p class="swap"><${RouterLink} to=${{ name: 'forgot' }}>${t('gate.forgot')}<//></p>`}
			<//>`;
		};
	},
};
