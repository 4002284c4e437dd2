// The account: plan, what was bought and rented, devices, data.
import { computed, ref, shallowRef } from 'vue';
import { RouterLink, useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { date, moment, money, until } from '../core/format.js';
import { html } from '../core/html.js';
import { useAct } from '../core/load.js';
import { pageOf } from '../core/router.js';
import { session, signOut } from '../core/session.js';
import { chooseLanguage, language, languages, t } from '../core/text.js';
import { Checkout } from '../parts/checkout.js';
import { sure } from '../parts/confirm.js';
import { Dialog } from '../parts/dialog.js';
import { Choice, Field, FormProblem, useForm } from '../parts/form.js';
import { Players } from '../parts/players.js';
import { useShown } from '../parts/shown.js';
import { Empty } from '../parts/states.js';
import { say } from '../parts/toast.js';

const Plan = {
	setup() {
		const { data, load, show } = useShown(() => api.get('/subscriptions'));
		const chosen = shallowRef(/** @type {any} */ (null));
		const { act: cancel } = useAct(async () => {
			if (!await sure(t('plan.really', { date: date(data.value.current.renews_at || data.value.current.ends_at) }), t('plan.cancel')))
				return;
			await api.remove('/subscriptions/current');
			await load();
		});

		/** @param {any} c */
		const current = (c) => html`<section><div class="tile"><h2>${c.plan.name}</h2>
			<p>${c.renews_at ? t('plan.renews', { date: date(c.renews_at) }) : c.ends_at ? t('plan.ends', { date: date(c.ends_at) }) : t('plan.since', { date: date(c.started_at) })}</p>
			${c.renews_at ? html`<div class="row"><button type="button" class="danger" onClick=${() => cancel()}>${t('plan.cancel')}</button></div>` : null}</div></section>`;

		/** @type {(plan: any, current: any) => any} */
		const offer = (plan, c) => html`<article class="plan" key=${plan.id} aria-current=${c?.plan.id === plan.id ? 'true' : null}>
			<h3>${plan.name}</h3><p class="price">${money(plan.price)} <small>${t(`plan.per_${plan.period}`)}</small></p>
			<ul><li>${t('plan.streams', { n: plan.max_streams })}</li><li>${t('plan.profiles', { n: plan.max_profiles })}</li><li>${t(`quality.${plan.max_quality}`)}</li>
				${plan.trial_days ? html`<li>${t('plan.trial', { n: plan.trial_days })}</li>` : null}</ul>
			${c?.plan.id === plan.id && !c.ends_at ? html`<p class="quiet">${t('plan.yours')}</p>` : html`<button type="button" class="main" onClick=${() => { chosen.value = { type: 'subscription', plan, price: plan.price }; }}>${t(c ? 'plan.change' : 'plan.take')}</button>`}
		</article>`;

		return () => html`${show(({ current: c, plans }) => html`${c ? current(c) : html`<p class="quiet">${t('plan.none')}</p>`}
			<section><h2>${t('plan.all')}</h2><div class="plans">${plans.map((/** @type {any} */ p) => offer(p, c))}</div>
			${plans.length ? null : html`<${Empty} title=${t('plan.nothing')} />`}</section>`)}
			${chosen.value ? html`<${Checkout} offer=${chosen.value} onClose=${() => { chosen.value = null; }} onBought=${() => {
		chosen.value = null;
		load();
	}} />` : null}`;
	},
};

/** @param {any} r */
function rentalClock(r) {
	if (r.status === 'ready')
		return t('rental.ready', { date: moment(r.start_by) });
	return r.status === 'watching' ? t('rental.watching', { until: until(r.expires_at) }) : t(`rental.${r.status}`);
}

const Purchases = {
	setup() {
		const bought = useShown(() => api.get('/users/purchases', { limit: 100 }));
		const rented = useShown(() => api.get('/users/rentals', { limit: 100 }));
		/** @type {(r: any, note: string) => any} */
		const line = (r, note) => html`<li key=${r.id}><span class="grow"><${RouterLink} to=${pageOf(r.content)}>${r.content.title}<//><span class="quiet small">${note}</span></span>
			<span>${money(r.price)}</span></li>`;
		/** @type {(heading: string, list: ReturnType<typeof useShown>, note: (r: any) => string) => any} */
		const part = (heading, list, note) => html`<section><h2>${heading}</h2>${list.show((page) => page.items.length
			? html`<ul class="lines">${page.items.map((/** @type {any} */ r) => line(r, note(r)))}</ul>` : html`<p class="quiet">${t('purchases.none')}</p>`)}</section>`;
		const nothing = () => bought.data.value?.items.length === 0 && rented.data.value?.items.length === 0;
		return () => nothing() ? html`<${Empty} title=${t('purchases.none')} text=${t('purchases.none_why')}><${RouterLink} class="button" to=${{ name: 'movies' }}>${t('nav.movies')}<//><//>`
			: html`${part(t('purchases.rented'), rented, rentalClock)}${part(t('purchases.bought'), bought, (r) => [date(r.paid_at || r.created_at), r.refunded_at && t('purchases.refunded')].filter(Boolean).join(' · '))}`;
	},
};

const Devices = {
	setup() {
		const signedIn = useShown(() => api.get('/auth/sessions'));
		const playing = useShown(() => api.get('/play/sessions'));
		const { act: end } = useAct(async (/** @type {string} */ path, /** @type {() => Promise<void>} */ again) => {
			await api.remove(path);
			await again();
		});

		/** @param {any} s */
		const device = (s) => html`<li key=${s.id}><span class="grow"><strong>${s.device_name || t('devices.unknown')}</strong><span class="quiet small">${[s.ip, t('devices.used', { at: moment(s.last_used_at) })].filter(Boolean).join(' · ')}</span></span>
			${s.current ? html`<span class="quiet">${t('devices.this')}</span>` : html`<button type="button" onClick=${() => end(`/auth/sessions/${s.id}`, signedIn.load)}>${t('nav.sign_out')}</button>`}</li>`;
		/** @param {any} s */
		const stream = (s) => html`<li key=${s.id}><span class="grow"><strong>${s.content?.title || t('player.something')}</strong><span class="quiet small">${[s.device_name, moment(s.started_at)].filter(Boolean).join(' · ')}</span></span>
			<button type="button" onClick=${() => end(`/play/sessions/${s.id}`, playing.load)}>${t('devices.stop')}</button></li>`;

		return () => html`<section><h2>${t('devices.playing')}</h2>${playing.show((p) => p.items.length ? html`<ul class="lines">${p.items.map(stream)}</ul>` : html`<p class="quiet">${t('devices.nothing')}</p>`)}</section>
			<section><h2>${t('devices.signed_in')}</h2>${signedIn.show((p) => html`<ul class="lines">${p.items.map(device)}</ul>
				<p class="row"><${RouterLink} class="button" to=${{ name: 'link' }}>${t('link.title')}<//>
					${p.items.length > 1 ? html`<button type="button" onClick=${() => end('/auth/sessions', signedIn.load)}>${t('devices.others')}</button>` : null}</p>`)}</section>
			<${Players} />`;
	},
};

/** Hands a document to the viewer as a file. @type {(name: string, data: any) => void} */
function download(name, data) {
	const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, '\t')], { type: 'application/json' }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 10000);
}

const Data = {
	setup() {
		const router = useRouter();
		const user = /** @type {any} */ (session.user);
		const erasing = ref(false);
		const person = useForm(async ({ name, country }) => {
			Object.assign(user, await api.patch('/users/me', { name, country: country.toUpperCase() || null }));
			say(t('saved'));
		});
		const password = useForm(async ({ current_password, new_password }, form) => {
			await api.post('/auth/password', { current_password, new_password });
			form.reset();
			say(t('data.password_done'));
		});
		const sentTo = ref('');
		const address = useForm(async ({ email, email_password }, form) => {
			await api.post('/auth/email', { email, password: email_password });
			form.reset();
			sentTo.value = email;
		});
		const erase = useForm(async ({ password: p }) => {
			await api.remove('/users/me', { password: p });
			await signOut();
			router.replace({ name: 'register' });
		});
		const { act: take } = useAct(async () => download('antenna.json', await api.get('/users/me/export')));

		return () => html`<div class="two"><section><h2>${t('data.person')}</h2><form class="stack" onSubmit=${person.submit}><${FormProblem} form=${person.state} />
				<${Field} name="name" label=${t('gate.name')} form=${person.state} value=${user.name} maxlength="100" autocomplete="name" />
				<${Field} name="country" label=${t('data.country')} form=${person.state} value=${user.country || ''} maxlength="2" hint=${t('data.country_hint')} autocomplete="country" />
				<${Choice} name="language" label=${t('data.language')} value=${language.value} options=${Object.entries(languages)} onChange=${(/** @type {any} */ e) => chooseLanguage(e.target.value)} />
				<div class="row"><button class="main" aria-disabled=${person.state.busy || null}>${t('save')}</button></div></form></section>
			<section><h2>${t('data.password')}</h2><form class="stack" onSubmit=${password.submit}><${FormProblem} form=${password.state} />
				<input class="hide" type="text" name="username" autocomplete="username" value=${user.email} readonly tabindex="-1" aria-hidden="true" />
				<${Field} name="current_password" label=${t('data.current')} form=${password.state} type="password" autocomplete="current-password" required=${true} />
				<${Field} name="new_password" label=${t('data.new')} form=${password.state} type="password" autocomplete="new-password" minlength="8" required=${true} hint=${t('gate.password_hint')} />
				<div class="row"><button class="main" aria-disabled=${password.state.busy || null}>${t('data.change')}</button></div></form></section>
			<section><h2>${t('gate.email')}</h2><form class="stack" onSubmit=${address.submit}><${FormProblem} form=${address.state} />
				<p>${user.email}</p>${sentTo.value ? html`<p role="status">${t('data.address_sent', { email: sentTo.value })}</p>` : null}
				<${Field} name="email" label=${t('data.address')} form=${address.state} type="email" autocomplete="email" required=${true} maxlength="254" />
				<${Field} name="email_password" label=${t('data.current')} form=${address.state} type="password" autocomplete="current-password" required=${true} />
				<div class="row"><button class="main" aria-disabled=${address.state.busy || null}>${t('data.address_do')}</button></div></form></section>
			<section><h2>${t('data.yours')}</h2><p class="quiet">${t('data.export_why')}</p><p class="row"><button type="button" onClick=${() => take()}>${t('data.export')}</button>
				<button type="button" class="danger" onClick=${() => { erasing.value = true; }}>${t('data.erase')}</button></p></section></div>
			${erasing.value ? html`<${Dialog} title=${t('data.erase')} onClose=${() => { erasing.value = false; }}><p>${t('data.erase_why')}</p>
				<form onSubmit=${erase.submit}><${FormProblem} form=${erase.state} /><${Field} name="password" label=${t('gate.password')} form=${erase.state} type="password" autocomplete="current-password" required=${true} />
				<button class="danger" aria-disabled=${erase.state.busy || null}>${t('data.erase_do')}</button></form><//>` : null}`;
	},
};

const parts = { plan: Plan, purchases: Purchases, devices: Devices, data: Data };

export default {
	setup() {
		const route = useRoute();
		const part = computed(() => /** @type {keyof typeof parts} */ (route.params.part || 'plan'));
		return () => html`<main class="page account" id="main" tabindex="-1">
			<div class="heading start"><h1>${t('nav.account')}</h1><nav class="chips" aria-label=${t('nav.account')}>${Object.keys(parts).map((p) => html`<${RouterLink} key=${p} to=${{ name: 'account', params: { part: p } }} replace=${true} aria-current=${p === part.value ? 'page' : null}>${t(`account.${p}`)}<//>`)}</nav></div>
			<${parts[part.value]} key=${part.value} />
		</main>`;
	},
};
