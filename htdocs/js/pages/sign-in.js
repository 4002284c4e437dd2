// Signing in, and making an account.
import { ref } from 'vue';
import { RouterLink, useRoute } from 'vue-router';
import * as api from '../core/api.js';
import { html } from '../core/html.js';
import { session, signIn } from '../core/session.js';
import { language, t } from '../core/text.js';
import { Field, FormProblem, useForm } from '../parts/form.js';
import { Gate, useEntry } from '../parts/gate.js';

export default {
	setup() {
		const route = useRoute();
		const enter = useEntry();
		const making = route.name === 'register';
		const shown = ref(false);

		/** Whose account may have been made, or was. */
		let made = '';

		/** A second try finds the account of the first, whose answer was lost. @param {Record<string, any>} body */
		async function register(body) {
			try {
				await api.register(body);
			} catch (cause) {
				const { status, code } = /** @type {any} */ (cause);
				if (code !== 'email_taken' || made !== body.email) {
					made = !status || status >= 500 ? body.email : '';
					throw cause;
				}
			}
			made = body.email;
		}

		const form = useForm(async ({ email, password, name }) => {
			if (making)
				await register({ email, password, name: name || undefined, locale: language.value });
			await signIn(email, password);
			await enter(route.query.to);
		});

		return () => {
			const { state } = form;
			const swap = making ? 'sign-in' : 'register';
			return html`<${Gate} title=${t(making ? 'gate.register' : 'gate.sign_in')} onSubmit=${form.submit}>
				<${FormProblem} form=${state} />
				${session.problem && !state.problem ? html`<p class="notice" role="status">${t('gate.ended')}</p>` : null}
				${making ? html`<${Field} name="name" label=${t('gate.name')} form=${state} autocomplete="name" maxlength="100" autofocus=${true} />` : null}
				<${Field} name="email" label=${t('gate.email')} form=${state} type="email" autocomplete="username" required=${true} maxlength="254" autofocus=${!making} />
				<${Field} name="password" label=${t('gate.password')} form=${state} type=${shown.value ? 'text' : 'password'} required=${true}
					autocomplete=${making ? 'new-password' : 'current-password'} minlength=${making ? 8 : 1} hint=${making ? t('gate.password_hint') : ''} />
				<label class="tick"><input type="checkbox" checked=${shown.value} onChange=${() => { shown.value = !shown.value; }} />${t('gate.show')}</label>
				<button class="main" type="submit" aria-disabled=${state.busy || null}>${t(state.busy ? 'one_moment' : making ? 'gate.do_register' : 'gate.do_sign_in')}</button>
				${making ? null : html`<${RouterLink} class="button by-phone" to=${{ name: 'code', query: route.query }}>${t('gate.by_code')}<//>`}
				<p class="swap">${t(making ? 'gate.have_one' : 'gate.have_none')} <${RouterLink} to=${{ name: swap, query: route.query }} replace=${true}>${t(making ? 'gate.sign_in' : 'gate.register')}<//></p>
				${making ? null : html`<p class="swap"><${RouterLink} to=${{ name: 'forgot', query: route.query }}>${t('gate.forgot')}<//></p>`}
			<//>`;
		};
	},
};
