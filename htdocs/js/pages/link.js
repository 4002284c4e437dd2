// Letting another device sign in, by the code that it shows. The code may have come from somebody who wants in: what asks, and
// from where, is shown before, and nothing happens without a press.
import { onMounted, ref, shallowRef } from 'vue';
import { RouterLink, useRoute } from 'vue-router';
import * as api from '../core/api.js';
import { ago } from '../core/format.js';
import { html } from '../core/html.js';
import { useAct } from '../core/load.js';
import { useNow } from '../core/now.js';
import { session } from '../core/session.js';
import { t } from '../core/text.js';
import { Field, FormProblem, useForm } from '../parts/form.js';
import { Gate } from '../parts/gate.js';

/** What has just been drawn has the focus, and Enter presses nothing of it. @param {any} vnode */
const focus = (vnode) => vnode.el.focus();

export default {
	setup() {
		const route = useRoute();
		const now = useNow(5000);
		const device = shallowRef(/** @type {any} */ (null));
		/** What was said to it. @type {import('vue').Ref<'approved' | 'denied' | ''>} */
		const said = ref('');
		const given = typeof route.query.code === 'string' ? route.query.code : '';

		const form = useForm(async ({ user_code }) => {
			device.value = await api.post('/auth/device/lookup', { user_code });
		});
		const { busy, act: answer } = useAct(async (/** @type {'approve' | 'deny'} */ what) => {
			try {
				await api.post(`/auth/device/${what}`, { user_code: device.value.user_code });
				said.value = what === 'approve' ? 'approved' : 'denied';
			} catch (cause) {
				if (/** @type {any} */ (cause).code === 'user_code_invalid')
					device.value = null;
				throw cause;
			}
		});

		onMounted(() => {
			if (given)
				/** @type {HTMLFormElement | null} */ (document.querySelector('form.panel'))?.requestSubmit();
		});

		const asking = () => html`<p class="quiet">${t('link.why')}</p>
			<${Field} name="user_code" label=${t('link.code')} form=${form.state} value=${given} required=${true} maxlength="100" autocomplete="off"
				autocapitalize="characters" spellcheck="false" class="user-code" autofocus=${true} />
			<button class="main" type="submit" aria-disabled=${form.state.busy || null}>${t(form.state.busy ? 'one_moment' : 'go_on')}</button>`;

		/** @param {any} d */
		const deciding = (d) => html`<h2 tabindex="-1" onVnodeMounted=${focus}>${t('link.really')}</h2>
			<dl class="device"><dt>${t('link.device')}</dt><dd>${d.device_name || t('devices.unknown')}</dd>
				<dt>${t('link.asked')}</dt><dd>${ago(d.asked_at, now.value)}</dd>
				<dt>${t('link.from')}</dt><dd>${d.ip}</dd>
				<dt>${t('link.shows')}</dt><dd class="user-code">${d.user_code}</dd>
				<dt>${t('link.account')}</dt><dd>${session.user?.email}</dd></dl>
			<p class="notice">${t('link.warning')}</p>
			<div class="row"><button type="button" aria-disabled=${busy.value || null} onClick=${() => answer('deny')}>${t('link.deny')}</button>
				<button class="main" type="button" aria-disabled=${busy.value || null} onClick=${() => answer('approve')}>${t('link.approve')}</button></div>`;

		const done = () => html`<p role="status" tabindex="-1" onVnodeMounted=${focus}>${t(`link.${said.value}`)}</p>
			<${RouterLink} class="button main" to="/" replace=${true}>${t('nav.home')}<//>
			<p class="swap"><${RouterLink} to=${{ name: 'account', params: { part: 'devices' } }} replace=${true}>${t('link.devices')}<//></p>`;

		return () => html`<${Gate} title=${t('link.title')} onSubmit=${form.submit}>
			<${FormProblem} form=${form.state} />
			${said.value ? done() : device.value ? deciding(device.value) : asking()}
		<//>`;
	},
};
