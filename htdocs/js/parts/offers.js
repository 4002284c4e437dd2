// What it takes to watch something: the service's decision, and its offers to choose from.
import { nextTick, onMounted, ref, shallowRef, watch } from 'vue';
import { RouterLink } from 'vue-router';
import * as api from '../core/api.js';
import { time } from '../core/clock.js';
import { date, money, until } from '../core/format.js';
import { html } from '../core/html.js';
import { useLoad } from '../core/load.js';
import { t } from '../core/text.js';
import { Checkout, nameOf, terms } from './checkout.js';
import { Icon } from './icon.js';

/** @typedef {import('./checkout.js').Offer} Offer */

const MONTH_MS = 30 * 86400000;

/** What a plan gives stands with the plans. @param {any[]} offers */
async function withPlans(offers) {
	if (!offers.some((o) => o.type === 'subscription'))
		return offers;
	const { plans } = await api.get('/subscriptions').catch(() => ({ plans: [] }));
	return offers.map((o) => ({ ...o, plan: o.plan && plans.find((/** @type {any} */ p) => p.id === o.plan.id) || o.plan }));
}

/** @param {any} decision */
function held(decision) {
	if (decision.source === 'rental' || decision.reason === 'rental')
		return decision.expires_at ? t('held.rental', { until: until(decision.expires_at) }) : t('held.rental_ready');
	if (decision.reason === 'purchase')
		return t('held.purchase');
	return decision.expires_at && new Date(decision.expires_at).getTime() - time() < MONTH_MS
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
		const { data: offers, load } = useLoad(() => withPlans(props.decision.offers || []));
		onMounted(load);
		watch(() => props.decision, load);

		/** @type {(o: Offer, i: number) => any} */
		const option = (o, i) => html`<li key=${`${o.type}/${o.plan?.id}/${o.content_id}`}><button type="button" class=${i ? 'offer' : 'offer main'} onClick=${() => { chosen.value = o; }}>
			<span>${nameOf(o)}</span><span class="terms">${terms(o)}</span>
			<span class="cost">${money(o.price)}${o.plan?.period ? html`<small>${t(`plan.per_${o.plan.period}`)}</small>` : null}</span></button></li>`;

		return () => {
			const { decision } = props;
			const some = decision.offers?.length > 0;
			return html`<div class="offers">
				<p class="why"><${Icon} name="lock" />${t(some && decision.reason === 'no_entitlement' ? 'offer.choose' : `reason.${decision.reason}`)}</p>
				${offers.value ? html`<ul>${offers.value.map(option)}</ul>` : some ? html`<span class="ghost button-ghost"></span>` : null}
				${chosen.value ? html`<${Checkout} offer=${chosen.value} item=${props.item} onClose=${() => { chosen.value = null; }}
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
		const { data: decision, problem, load } = useLoad(() => api.get('/rights/access', { ids: props.item.id }).then((a) => a.items[0] || {}));
		const button = ref(/** @type {HTMLElement | null} */ (null));
		onMounted(load);
		watch(() => props.item.id, load);

		/** It plays by one more press. */
		async function bought() {
			await load();
			await nextTick();
			button.value?.querySelector('a')?.focus();
		}

		return () => {
			if (!decision.value && !problem.value)
				return html`<span class="ghost button-ghost"></span>`;
			if (decision.value?.granted === false && !problem.value)
				return html`<${Offers} decision=${decision.value} item=${props.item} onBought=${bought} />`;
			const note = decision.value && held(decision.value);
			const play = props.play ? html`<${RouterLink} class="button main" to=${props.play}><${Icon} name="play" fill=${true} />${props.label || t('play')}<//>` : null;
			return html`<span class="access" ref=${button}>${play}${note ? html`<span class="quiet small">${note}</span>` : null}</span>`;
		};
	},
};
