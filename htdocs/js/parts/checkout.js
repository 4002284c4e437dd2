// Asks once more, then buys, rents or subscribes. A key of its own makes a request that is sent
// again the same purchase.
import { onBeforeUnmount, ref, shallowRef } from 'vue';
import * as api from '../core/api.js';
import { money } from '../core/format.js';
import { html } from '../core/html.js';
import { forgetLists } from '../core/lists.js';
import { t } from '../core/text.js';
import { Dialog } from './dialog.js';
import { explain } from './states.js';
import { complain, say } from './toast.js';

/**
 * @typedef {object} Plan
 * @property {number} id
 * @property {string} code
 * @property {string} name
 * @property {string} period
 * @property {number} trial_days
 * @property {number} max_streams
 * @property {any} price
 */
/**
 * @typedef {object} Offer what is sold: a plan, or a title for ever or for a while
 * @property {'subscription' | 'purchase' | 'rental'} type
 * @property {number} [content_id]
 * @property {Plan} [plan]
 * @property {any} price
 * @property {number} [start_within] seconds
 * @property {number} [watch_within] seconds
 */

/** Seconds as days or hours. @param {number | undefined} s */
function span(s) {
	if (!s)
		return '';
	return s > 172800 ? t('time.days', { n: Math.round(s / 86400) }) : t('time.whole_hours', { n: Math.round(s / 3600) });
}

/** What an offer's price is for, in a few words. @param {Offer} offer */
export function terms(offer) {
	if (offer.type === 'rental')
		return t('offer.rental_terms', { start: span(offer.start_within), watch: span(offer.watch_within) });
	const { plan } = offer;
	if (offer.type === 'purchase' || !plan)
		return t(`offer.${offer.type}_terms`);
	return [plan.trial_days ? t('plan.trial', { n: plan.trial_days }) : '',
		plan.max_streams ? t('plan.streams', { n: plan.max_streams }) : ''].filter(Boolean).join(' · ') || t('offer.subscription_terms');
}

/** @param {Offer} offer */
export const nameOf = (offer) => offer.type === 'subscription' && offer.plan ? offer.plan.name : t(`offer.${offer.type}`);

/** @type {(offer: Offer, title: any, key: string) => Promise<any>} */
function buy(offer, title, key) {
	const headers = { 'Idempotency-Key': key };
	if (offer.type === 'subscription')
		return api.post('/subscriptions', { plan_id: offer.plan?.id, price: offer.price }, { headers });
	const path = offer.type === 'rental' ? 'rent' : 'purchase';
	return api.post(`/ondemand/${path}/${offer.content_id || title.id}`, { price: offer.price }, { headers });
}

export const Checkout = {
	props: ['offer', 'item', 'onBought'],
	emits: ['close'],
	/**
	 * @param {{offer: Offer, item?: {id: number, title: string}, onBought: () => void}} props
	 * @param {any} context
	 */
	setup(props, { emit }) {
		const key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join('');
		const busy = ref(false);
		let closed = false;
		onBeforeUnmount(() => { closed = true; });
		const problem = shallowRef(/** @type {any} */ (null));
		const title = () => props.offer.type === 'subscription' ? nameOf(props.offer) : props.item?.title;

		async function go() {
			if (busy.value)
				return;
			busy.value = true;
			problem.value = null;
			try {
				const receipt = await buy(props.offer, props.item, key);
				say(receipt?.status === 'pending' ? t('offer.pending') : t(`offer.${props.offer.type}_done`, { title: title() }));
				forgetLists();
				props.onBought(); // although the dialog was closed meanwhile
			} catch (cause) {
				problem.value = cause;
				if (closed)
					complain(cause);
			} finally {
				busy.value = false;
			}
		}

		return () => {
			const { offer } = props;
			const period = offer.plan?.period;
			return html`<${Dialog} title=${t(`offer.${offer.type}_title`, { title: title() })} onClose=${() => emit('close')}>
				<p class="price">${money(offer.price)} ${period ? html`<small>${t(`plan.per_${period}`)}</small>` : null}</p>
				<p>${terms(offer)}</p>
				${offer.type === 'subscription' ? html`<p class="quiet">${t('plan.terms')}</p>` : null}
				${problem.value ? html`<p class="notice" role="alert">${explain(problem.value)}</p>` : null}
				<div class="row"><button type="button" class="main" aria-disabled=${busy.value || null} onClick=${go} autofocus=${true}>${t(busy.value ? 'one_moment' : `offer.${offer.type}_do`, { price: money(offer.price) })}</button>
				<button type="button" onClick=${() => emit('close')}>${t('cancel')}</button></div>
			<//>`;
		};
	},
};
