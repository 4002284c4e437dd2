// What it takes to watch something: the service's decision, and its offers as buttons.
import { onMounted, ref, shallowRef, watch } from 'vue';
import { RouterLink } from 'vue-router';
import * as api from '../core/api.js';
import { date, money, until } from '../core/format.js';
import { html } from '../core/html.js';
import { forgetLists } from '../core/lists.js';
import { t } from '../core/text.js';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';
import { explain } from './states.js';
import { say } from './toast.js';

/** @typedef {{type: 'subscription' | 'purchase' | 'rental', content_id?: number, plan?: any, price: any, start_within?: number, watch_within?: number}} Offer */

/** Seconds as days or hours. @param {number | undefined} s */
function span(s) {
	if (!s)
		return '';
	return s > 172800 ? t('time.days', { n: Math.round(s / 86400) }) : t('time.whole_hours', { n: Math.round(s / 3600) });
}

/** @param {Offer} offer */
function terms(offer) {
	if (offer.type === 'rental')
		return t('offer.rental_terms', { start: span(offer.start_within), watch: span(offer.watch_within) });
	return t(`offer.${offer.type}_terms`);
}

const paths = { purchase: 'purchase', rental: 'rent' };

/** Asks once more, then buys: a key of its own makes a repeated request the same purchase. */
const Confirm = {
	props: ['offer', 'item'],
	emits: ['close', 'bought'],
	/**
	 * @param {{offer: Offer, item: any}} props
	 * @param {any} context
	 */
	setup(props, { emit }) {
		const key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join('');
		const busy = ref(false);
		const problem = shallowRef(/** @type {any} */ (null));

		async function buy() {
			busy.value = true;
			problem.value = null;
			try {
				await api.post(`/ondemand/${paths[/** @type {keyof typeof paths} */ (props.offer.type)]}/${props.offer.content_id || props.item.id}`,
					undefined, { headers: { 'Idempotency-Key': key } });
				say(t(`offer.${props.offer.type}_done`, { title: props.item.title }));
				forgetLists('account');
				emit('bought');
			} catch (cause) {
				problem.value = cause;
			} finally {
				busy.value = false;
			}
		}

		return () => html`<${Dialog} title=${t(`offer.${props.offer.type}_title`, { title: props.item.title })} onClose=${() => emit('close')}>
			<p class="price">${money(props.offer.price)}</p>
			<p>${terms(props.offer)}</p>
			${problem.value ? html`<p class="notice" role="alert">${explain(problem.value)}</p>` : null}
			<div class="row"><button type="button" class="main" disabled=${busy.value} onClick=${buy} autofocus=${true}>${t(busy.value ? 'one_moment' : `offer.${props.offer.type}_do`, { price: money(props.offer.price) })}</button>
			<button type="button" onClick=${() => emit('close')}>${t('cancel')}</button></div>
		<//>`;
	},
};

/** @type {(offer: Offer, choose: (o: Offer) => void) => any} */
function button(offer, choose) {
	if (offer.type === 'subscription')
		return html`<${RouterLink} class="button main" to=${{ name: 'account', params: { part: 'plan' }, query: offer.plan?.id ? { plan: offer.plan.id } : {} }}>
			${t('offer.subscribe', { plan: offer.plan?.name || '' })} <span class="quiet">${money(offer.price)}</span><//>`;
	return html`<button type="button" class="button" onClick=${() => choose(offer)}>${t(`offer.${offer.type}_do`, { price: money(offer.price) })}</button>`;
}

/** @param {any} decision */
function held(decision) {
	if (decision.source === 'rental' || decision.reason === 'rental')
		return decision.expires_at ? t('held.rental', { until: until(decision.expires_at) }) : t('held.rental_ready');
	if (decision.reason === 'purchase')
		return t('held.purchase');
	return decision.expires_at && new Date(decision.expires_at).getTime() - Date.now() < 30 * 86400000
		? t('held.until', { date: date(decision.expires_at) }) : '';
}

/** Offers of a decision, to be shown where watching was refused or on the title's page. */
export const Offers = {
	props: ['decision', 'item'],
	emits: ['bought'],
	/**
	 * @param {{decision: any, item: any}} props
	 * @param {any} context
	 */
	setup(props, { emit }) {
		const chosen = shallowRef(/** @type {Offer | null} */ (null));
		return () => {
			const { decision } = props;
			const offers = decision.offers || [];
			return html`<div class="offers">
				<p class="why"><${Icon} name="lock" />${t(`reason.${decision.reason}`)}</p>
				${offers.length ? html`<div class="row">${offers.map((/** @type {Offer} */ o) => button(o, (x) => { chosen.value = x; }))}</div>` : null}
				${offers.map((/** @type {Offer} */ o) => o.type === 'rental' ? html`<p class="quiet small">${terms(o)}</p>` : null)}
				${chosen.value ? html`<${Confirm} offer=${chosen.value} item=${props.item} onClose=${() => { chosen.value = null; }}
					onBought=${() => { chosen.value = null; emit('bought'); }} />` : null}
			</div>`;
		};
	},
};

/**
 * The button that plays, or what it takes; while the service says nothing of rights, playing finds
 * out.
 */
export const Access = {
	props: ['item', 'play', 'label'],
	/** @param {{item: any, play: any, label?: string}} props */
	setup(props) {
		const decision = shallowRef(/** @type {any} */ (null));
		const asked = ref(false);

		async function load() {
			try {
				decision.value = (await api.get('/rights/access', { ids: props.item.id })).items[0];
			} catch (cause) {
				decision.value = null;
			}
			asked.value = true;
		}
		onMounted(load);
		watch(() => props.item.id, load);

		return () => {
			if (!asked.value)
				return html`<span class="ghost button-ghost"></span>`;
			if (decision.value && !decision.value.granted)
				return html`<${Offers} decision=${decision.value} item=${props.item} onBought=${load} />`;
			const note = decision.value && held(decision.value);
			const button = props.play ? html`<${RouterLink} class="button main" to=${props.play}><${Icon} name="play" fill=${true} />${props.label || t('play')}<//>` : null;
			return html`<span class="access">${button}${note ? html`<span class="quiet small">${note}</span>` : null}</span>`;
		};
	},
};

