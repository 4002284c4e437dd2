// Administration: what is kept, by kind, and tools.
import { computed, onMounted, watch } from 'vue';
import { RouterLink, useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { html } from '../core/html.js';
import { isAdmin } from '../core/session.js';
import { t } from '../core/text.js';
import { sure } from '../parts/confirm.js';
import { Empty } from '../parts/states.js';
import { complain, say } from '../parts/toast.js';
import { Resource } from './resource.js';
import { Audit, Imports, SearchState, Why } from './tools.js';

/** @type {(part: string, query: any, text: string) => any} */
const link = (part, query, text) => html`<${RouterLink} to=${{ name: 'admin', params: { part }, query }}>${t(text)}<//>`;

const item = ['title', 'id', 'state', 'min_age', 'updated_at'];

/** @param {any} receipt */
async function refund(receipt) {
	if (!await sure(t('admin.refund_really', { n: receipt.id }), t('admin.refund')))
		return;
	try {
		await api.post(`/admin/rights/purchases/${receipt.id}/refund`);
		location.reload();
	} catch (cause) {
		complain(cause);
	}
}

/** A button to have it fetched now, and what came of the last time: long words are cut at their end. @param {any} feed */
const fetched = ({ id, status }) => [
	html`<button type="button" onClick=${() => api.post(`/admin/livetv/feeds/${id}/fetch`).then(() => say(t('admin.fetching'))).catch(complain)}>${t('admin.fetch')}</button>`,
	' ', status.last_error || status.last_succeeded_at?.slice(0, 16).replace('T', ' ') || null];

/** @type {Record<string, import('./resource.js').Kind>} */
const kinds = {
	titles: { part: 'titles', path: '/admin/ondemand/movies', columns: item, filters: ['state'], more: (r) => [link('rules', { content_id: r.id }, 'admin.rules'), link('why', { content_id: r.id }, 'admin.why')] },
	series: { part: 'series', path: '/admin/ondemand/series', columns: item, filters: ['state'], more: (r) => link('seasons', { series: r.id }, 'admin.seasons') },
	seasons: { part: 'seasons', path: '/admin/ondemand/seasons', columns: item, filters: ['series'], more: (r) => link('episodes', { season: r.id }, 'admin.episodes') },
	episodes: { part: 'episodes', path: '/admin/ondemand/episodes', columns: item, filters: ['season'] },
	genres: { part: 'genres', path: '/admin/ondemand/genres', columns: ['name', 'slug', 'id'] },
	people: { part: 'people', path: '/admin/ondemand/people', columns: ['name', 'id'], search: 'q' },
	channels: { part: 'channels', path: '/admin/livetv/channels', columns: ['name', 'number', 'group', 'country', 'hidden', 'state'], more: (r) => link('programmes', { channel: r.id }, 'admin.programmes') },
	feeds: { part: 'feeds', path: '/admin/livetv/feeds', columns: ['name', 'url', 'format', 'enabled'], more: fetched },
	programmes: { part: 'programmes', path: '/admin/livetv/epg', columns: ['title', 'start', 'end', 'category'], filters: ['channel'] },
	users: { part: 'users', path: '/admin/users', columns: ['email', 'name', 'role', 'status', 'id', 'created_at'], search: 'q', make: '/users', more: (r) => [link('sales', { user_id: r.id }, 'admin.sales'), link('why', { user_id: r.id }, 'admin.why')] },
	plans: { part: 'plans', path: '/admin/rights/plans', columns: ['name', 'code', 'price', 'period', 'state'], more: (r) => link('rules', { plan_id: r.id }, 'admin.rules') },
	rules: { part: 'rules', path: '/admin/rights/rules', columns: ['type', 'content_title', 'genre', 'kind', 'plan_name', 'price', 'valid_until'], filters: ['content_id', 'plan_id'] },
	grants: { part: 'grants', path: '/admin/rights/grants', columns: ['user_email', 'content_title', 'genre', 'kind', 'everything', 'valid_until', 'note'], filters: ['user_id'] },
	sales: { part: 'sales', path: '/admin/rights/purchases', make: '', columns: ['content', 'type', 'user_email', 'price', 'status', 'created_at'], filters: ['user_id'],
		more: (r) => r.status === 'paid' || r.status === 'active' ? html`<button type="button" onClick=${() => refund(r)}>${t('admin.refund')}</button>` : null },
};

/** @type {Record<string, any>} */
const tools = { guide: Imports, why: Why, search: SearchState, audit: Audit };

const menu = [['titles', 'series', 'genres', 'people'], ['channels', 'feeds', 'guide'], ['users', 'plans', 'rules', 'grants', 'sales', 'why'], ['search', 'audit']];

export default {
	setup() {
		const route = useRoute();
		const router = useRouter();
		const part = computed(() => String(route.params.part || 'titles'));
		// on a narrow screen the menu is a strip
		const showPlace = () => document.querySelector('.admin-menu [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
		watch(part, showPlace, { flush: 'post' });
		onMounted(showPlace);
		return () => {
			if (!isAdmin())
				return html`<main class="page" id="main" tabindex="-1"><${Empty} icon="lock" title=${t('admin.only')}><button type="button" onClick=${() => router.replace('/')}>${t('nav.home')}</button><//></main>`;
			const kind = kinds[part.value];
			const tool = tools[part.value];
			return html`<main class="page admin" id="main" tabindex="-1">
				<nav class="admin-menu" aria-label=${t('nav.admin')}>${menu.map((group) => html`<ul>${group.map((p) => html`<li><${RouterLink} to=${{ name: 'admin', params: { part: p } }} aria-current=${p === part.value ? 'page' : null}>${t(`admin.${p}`)}<//></li>`)}</ul>`)}</nav>
				<div class="admin-body">${kind ? null : html`<h1>${t(tool ? `admin.${part.value}` : 'state.missing')}</h1>`}
					${kind ? html`<${Resource} key=${part.value} kind=${kind} id=${String(route.params.id || '')} />` : tool ? html`<${tool} key=${part.value} />` : null}</div>
			</main>`;
		};
	},
};
