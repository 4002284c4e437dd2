// Signing in by a code that is confirmed on a phone: for who has a remote and no keyboard.
import { onBeforeUnmount, onMounted, shallowRef } from 'vue';
import { RouterLink, useRoute } from 'vue-router';
import { isPassing, seen } from '../core/again.js';
import { html } from '../core/html.js';
import { askForCode, session, signInByCode } from '../core/session.js';
import { t } from '../core/text.js';
import { Gate, useEntry } from '../parts/gate.js';
import { Qr } from '../parts/qr.js';
import { explain } from '../parts/states.js';

/** An address as somebody types it, with a place where it may break. @param {string} url */
function short(url) {
	const { host, pathname } = new URL(url);
	return html`<strong class="address">${host}<wbr />${pathname}</strong>`;
}

export default {
	setup() {
		const route = useRoute();
		const enter = useEntry();
		const codes = shallowRef(/** @type {any} */ (null));
		const problem = shallowRef(/** @type {any} */ (null));
		/** Which code is waited for: none once the page is gone. */
		let turn = 0;

		/** @param {number} ms */
		const pause = (ms) => new Promise((done) => { setTimeout(done, ms); }).then(seen);

		/** In how many seconds to look again; 0: somebody is signed in. @type {(code: string, seconds: number) => Promise<number>} */
		async function look(code, seconds) {
			try {
				await signInByCode(code);
				return 0;
			} catch (cause) {
				const refused = /** @type {any} */ (cause);
				if (refused.code === 'slow_down')
					return refused.body.interval;
				if (refused.code !== 'authorization_pending' && !isPassing(refused))
					throw cause;
				return Math.max(seconds, refused.retryAfter);
			}
		}

		async function ask() {
			const mine = ++turn;
			problem.value = codes.value = null;
			try {
				const asked = codes.value = await askForCode();
				for (let seconds = asked.interval; seconds;) {
					await pause(seconds * 1000);
					if (mine !== turn)
						return;
					seconds = await look(asked.device_code, seconds);
				}
				await enter(route.query.to);
			} catch (cause) {
				if (mine === turn)
					problem.value = cause;
			}
		}

		onMounted(() => session.state === 'in' ? enter(route.query.to) : ask());
		onBeforeUnmount(() => { turn++; });

		/** @param {any} c */
		const waiting = (c) => html`<div class="by-code"><${Qr} text=${c.verification_uri_complete} label=${t('code.qr')} /><p>${t('code.scan')}</p></div>
			<p>${t('code.open')} ${short(c.verification_uri)}</p>
			<p>${t('code.type')} <strong class="user-code">${c.user_code}</strong></p>
			<p class="quiet" role="status">${t('code.waiting')}</p>`;

		return () => html`<${Gate} title=${t('gate.by_code')} onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); ask(); }}>
			${problem.value ? html`<p class="notice" role="alert">${explain(problem.value)}</p>
				<button class="main" type="submit" onVnodeMounted=${(/** @type {any} */ v) => v.el.focus()}>${t('code.another')}</button>`
				: codes.value ? waiting(codes.value) : html`<p class="quiet" role="status">${t('one_moment')}</p>`}
			<p class="swap"><${RouterLink} to=${{ name: 'sign-in', query: route.query }} replace=${true}>${t('code.password')}<//></p>
		<//>`;
	},
};
