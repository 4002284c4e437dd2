// What is on: every channel with what runs and what comes next.
import { computed, watch } from 'vue';
import { RouterLink } from 'vue-router';
import * as api from '../core/api.js';
import { ownPicture } from '../core/art.js';
import { clock, passed } from '../core/format.js';
import { html } from '../core/html.js';
import { useList } from '../core/lists.js';
import { useNow } from '../core/now.js';
import { t } from '../core/text.js';
import { Picture, Progress } from '../parts/card.js';
import { Grid } from '../parts/grid.js';
import { Icon } from '../parts/icon.js';

const FRESH_MS = 60000;
const TICK_MS = 15000;

/** @param {any} row @param {number} now */
function card(row, now) {
	const { channel } = row;
	// What ended since is over; what was next is on.
	const on = row.now && Date.parse(row.now.end) > now ? row.now : row.next && Date.parse(row.next.start) <= now ? row.next : null;
	const next = on === row.next ? null : row.next;
	const picture = on ? { id: on.id, kind: 'programme', title: on.title } : { id: channel.id, kind: 'channel', title: channel.name };
	const logo = ownPicture(channel.logo);
	return html`<div class="channel">
		<${RouterLink} class="card wide on-air" to=${{ name: 'watch-live', params: { id: channel.id } }}>
			<${Picture} item=${picture} wide=${true} />
			<span class="badge"><b>${channel.number}</b>${logo ? html`<img src=${logo} alt="" />` : null}${channel.name}</span>
			<span class="over" aria-hidden="true"><${Icon} name="play" fill=${true} /></span>
			${on ? html`<${Progress} value=${passed(on.start, on.end, now)} label=${t('live.passed')} />` : html`<span class="progress"></span>`}
			<span class="caption"><span class="name">${on ? on.title : t('guide.none')}</span>
				<span class="meta">${on ? `${clock(on.start)}–${clock(on.end)}` : ''}</span></span>
		<//>
		<${RouterLink} class="next-up" to=${{ name: 'channel', params: { id: channel.id } }}>${next ? html`<b>${clock(next.start)}</b> ${next.title}` : t('live.channel')}<//>
	</div>`;
}

export default {
	setup() {
		const now = useNow(TICK_MS);
		const list = computed(() => useList('now', (cursor) => api.get('/livetv/now', { limit: 60, cursor })
			.then((page) => ({ ...page, items: page.items.map((/** @type {any} */ row) => ({ ...row, id: row.channel.id })) })), FRESH_MS));

		let renewed = now.value;
		watch(now, () => {
			if (now.value - renewed < FRESH_MS || !list.value.items.value.some((row) => row.now && Date.parse(row.now.end) <= now.value))
				return;
			renewed = now.value;
			list.value.renew();
		});

		return () => html`<main class="page live-page" id="main" tabindex="-1">
			<div class="heading"><h1>${t('live.title')}</h1><${RouterLink} class="button" to=${{ name: 'guide' }}><${Icon} name="guide" />${t('nav.guide')}<//></div>
			<${Grid} list=${list.value} wide=${true} card=${(/** @type {any} */ row) => card(row, now.value)} empty=${t('guide.empty')} />
		</main>`;
	},
};
