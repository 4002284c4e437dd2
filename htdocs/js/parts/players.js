// Addresses with a key, for players that know no sign-in. The key is told once: the addresses are here until the page is left.
import { shallowRef } from 'vue';
import * as api from '../core/api.js';
import { moment } from '../core/format.js';
import { html } from '../core/html.js';
import { useAct } from '../core/load.js';
import { session } from '../core/session.js';
import { t } from '../core/text.js';
import { sure } from './confirm.js';
import { Field } from './form.js';
import { Qr } from './qr.js';
import { useShown } from './shown.js';
import { say } from './toast.js';

const PATH = '/livetv/player-key';

/** Where there is no clipboard (a page by http), it is marked by a press, to be copied. @type {(name: string, label: string, url: string, copy: (url: string) => any) => any} */
const address = (name, label, url, copy) => html`<div class="row"><${Field} name=${name} label=${label} value=${url} readonly=${true} onFocus=${(/** @type {any} */ e) => e.target.select()} />
	${navigator.clipboard ? html`<button type="button" aria-label=${`${t('players.copy')}: ${label}`} onClick=${() => copy(url)}>${t('players.copy')}</button>` : null}</div>`;

export const Players = {
	setup() {
		const made = shallowRef(/** @type {any} */ (null));
		const key = useShown(() => api.get(PATH));
		const { busy, act: make } = useAct(async () => {
			if (key.data.value.created_at && !await sure(t('players.really'), t('players.another')))
				return;
			made.value = await api.post(PATH);
			await key.load();
		});
		const { act: end } = useAct(async () => {
			if (!await sure(t('players.really'), t('players.end')))
				return;
			await api.remove(PATH);
			made.value = null;
			await key.load();
		});

		const { act: copy } = useAct(async (/** @type {string} */ url) => {
			await navigator.clipboard.writeText(url);
			say(t('players.copied'));
		});

		const addresses = () => html`<div class="by-code players"><${Qr} text=${made.value.playlist_url} label=${t('players.qr')} /><div>
			<p role="status">${t('players.once')}</p>${address('playlist', t('players.playlist'), made.value.playlist_url, copy)}${address('xmltv', t('players.guide'), made.value.guide_url, copy)}</div></div>`;

		/** @param {any} k */
		const state = (k) => html`${k.created_at && !made.value ? html`<p>${t('players.since', { at: moment(k.created_at) })}</p>` : null}
			<p class="row"><button type="button" aria-disabled=${busy.value || null} onClick=${() => make()}>${t(k.created_at ? 'players.another' : 'players.make')}</button>
				${k.created_at ? html`<button type="button" class="danger" onClick=${() => end()}>${t('players.end')}</button>` : null}</p>`;

		return () => html`<section><h2>${t('players.title')}</h2><p class="quiet">${t('players.why', { profile: session.user?.profile.name })}</p>
			${made.value ? addresses() : null}${key.show(state)}</section>`;
	},
};
