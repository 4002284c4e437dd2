// Addresses of the app. Everything but the start is below /app/: the other names at the top belong
// to the API.
import { createRouter, createWebHistory } from 'vue-router';
import { session } from './session.js';
import { style } from './style.js';
import Home from '../pages/home.js';

/** A page and the style sheets of its own, loaded when it is first shown. @type {(name: string, ...sheets: string[]) => () => Promise<any>} */
const page = (name, ...sheets) => async () => (await Promise.all([import(`../pages/${name}.js`), ...sheets.map(style)]))[0];

/** @type {import('vue-router').RouteRecordRaw[]} */
const routes = [
	{ path: '/', name: 'home', component: Home },
	{ path: '/app', redirect: '/' },
	{ path: '/app/sign-in', name: 'sign-in', component: page('sign-in', 'gate'), meta: { open: true, bare: true } },
	{ path: '/app/register', name: 'register', component: page('sign-in', 'gate'), meta: { open: true, bare: true } },
	{ path: '/app/who', name: 'who', component: page('who', 'gate'), meta: { bare: true } },
	{ path: '/app/profiles/:id(\\d+|new)', name: 'profile', component: page('profile', 'gate'), meta: { bare: true } },
	{ path: '/app/movies', name: 'movies', component: page('browse'), meta: { kind: 'movies' } },
	{ path: '/app/series', name: 'series', component: page('browse'), meta: { kind: 'series' } },
	{ path: '/app/movies/:id(\\d+)', name: 'movie', component: page('title'), meta: { kind: 'movies' } },
	{ path: '/app/series/:id(\\d+)', name: 'one-series', component: page('title'), meta: { kind: 'series' } },
	{ path: '/app/episodes/:id(\\d+)', name: 'episode', component: page('title'), meta: { kind: 'episodes' } },
	{ path: '/app/people/:id(\\d+)', name: 'person', component: page('person') },
	{ path: '/app/live', name: 'live', component: page('live', 'live') },
	{ path: '/app/guide', name: 'guide', component: page('guide', 'guide'), meta: { full: true } },
	{ path: '/app/channels/:id(\\d+)', name: 'channel', component: page('channel', 'live') },
	{ path: '/app/search', name: 'search', component: page('search', 'search') },
	{ path: '/app/list', name: 'list', component: page('list') },
	{ path: '/app/account/:part(plan|purchases|devices|data)?', name: 'account', component: page('account', 'account') },
	{ path: '/app/watch/:kind(movies|episodes)/:id(\\d+)', name: 'watch', component: page('watch', 'player'), meta: { bare: true } },
	{ path: '/app/watch/live/:id(\\d+)', name: 'watch-live', component: page('watch', 'player'), meta: { bare: true, live: true } },
	{ path: '/app/admin/:part?/:id?', name: 'admin', component: page('../admin/admin', 'admin'), meta: { admin: true } },
	{ path: '/:rest(.*)*', name: 'lost', component: page('lost'), meta: { open: true } },
];

export const router = createRouter({
	history: createWebHistory('/'),
	routes,
	scrollBehavior: (to, from, saved) => saved || (to.path === from.path ? false : { top: 0 }),
});

router.beforeEach((to) => {
	if (to.meta.open)
		return true;
	if (session.state === 'out')
		return { name: 'sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } };
	return true;
});

/** The page of a card, a found item or a purchase. @param {{kind: string, id: number}} item */
export function pageOf(item) {
	const names = { movie: 'movie', series: 'one-series', season: 'one-series', episode: 'episode',
		person: 'person', channel: 'channel' };
	const name = names[/** @type {keyof names} */ (item.kind)];
	return name ? { name, params: { id: item.id } } : { name: 'home' };
}

/** Where a movie or an episode plays. @type {(item: {kind: string, id: number}, query?: Record<string, string>) => any} */
export const watchPage = ({ kind, id }, query) => ({ name: 'watch', params: { kind: kind === 'episode' ? 'episodes' : 'movies', id }, query });

/** Back to where the viewer came from; a page opened by its address goes up. @param {any} up */
export function goBack(up = '/') {
	if (history.state?.back)
		router.back();
	else
		router.replace(up);
}
