// A programme in full, with the ways to watch it.
import { onMounted, shallowRef } from 'vue';
import { RouterLink } from 'vue-router';
import * as api from '../core/api.js';
import { time } from '../core/clock.js';
import { clock, passed, runtime, weekday } from '../core/format.js';
import { html } from '../core/html.js';
import { useLoad } from '../core/load.js';
import { t } from '../core/text.js';
import { Picture, Progress } from './card.js';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';
import { Failed } from './states.js';

/** @typedef {{start: string, end: string}} Timed */

/** Ways to watch: live, from its start, or later. @type {(p: Timed, channel: {id: number, catchup_hours?: number}) => {label: string, to: any, icon: string}[]} */
export function ways(p, channel) {
	const [from, to, now] = [Date.parse(p.start), Date.parse(p.end), time()];
	const back = (channel.catchup_hours || 0) * 3600000;
	const at = { name: 'watch-live', params: { id: channel.id } };
	const again = { ...at, query: { start: p.start } };
	if (from <= now && now < to)
		return [{ label: 'live.watch', to: at, icon: 'play' }, ...(back ? [{ label: 'live.start_over', to: again, icon: 'restart' }] : [])];
	return to <= now && from > now - back ? [{ label: 'live.catch_up', to: again, icon: 'play' }] : [];
}

/** @type {(p: any, channel: any) => any} */
export function Ways(p, channel) {
	return ways(p, channel).map(({ label, to, icon }, i) => html`<${RouterLink} key=${label} class=${i ? 'button' : 'button main'} to=${to}><${Icon} name=${icon} fill=${icon === 'play'} />${t(label)}<//>`);
}

export const ProgrammeDialog = {
	props: ['id', 'channel'],
	emits: ['close'],
	/**
	 * @param {{id: number, channel?: any}} props
	 * @param {any} context
	 */
	setup(props, { emit }) {
		const channel = shallowRef(props.channel);
		const { data: p, problem, load } = useLoad(async () => {
			const programme = await api.get(`/livetv/programmes/${props.id}`);
			if (channel.value?.catchup_hours === undefined)
				channel.value = await api.get(`/livetv/channels/${programme.channel.id}`);
			return programme;
		});
		onMounted(load);

		function body() {
			const v = p.value;
			const on = Date.parse(v.start) <= time() && time() < Date.parse(v.end);
			const number = v.episode ? t(v.season ? 'title.number' : 'live.episode', { s: v.season, e: v.episode }) : '';
			return html`<${Picture} item=${{ id: v.id, kind: 'programme', title: v.title }} wide=${true} plain=${true} />
				<p class="facts"><span>${weekday(v.start)}, ${clock(v.start)}–${clock(v.end)}</span><span>${runtime((Date.parse(v.end) - Date.parse(v.start)) / 1000)}</span>
					${v.category ? html`<span>${v.category}</span>` : null}${v.min_age ? html`<b class="age">${v.min_age}+</b>` : null}</p>
				${on ? html`<${Progress} value=${passed(v.start, v.end)} label=${t('live.passed')} />` : null}
				${v.subtitle || number ? html`<h3>${[number, v.subtitle].filter(Boolean).join(' · ')}</h3>` : null}
				<p class="synopsis">${v.synopsis || t('live.no_text')}</p>
				<div class="row">${channel.value ? Ways(v, channel.value) : null}
					<${RouterLink} class="button" to=${{ name: 'channel', params: { id: v.channel.id } }}><b>${v.channel.number}</b> ${v.channel.name}<//></div>`;
		}

		return () => html`<${Dialog} title=${p.value?.title || '…'} onClose=${() => emit('close')}>
			${problem.value ? html`<${Failed} problem=${problem.value} missing="live.programme_missing" onRetry=${load} />` : p.value ? body() : html`<span class="ghost hero-ghost"></span>`}
		<//>`;
	},
};
