// Addresses of the app. Everything but the start is below /app/: the other names at the top belong
// to the API.
import { onBeforeUnmount, ref } from 'vue';
import { NavigationFailureType, createRouter, createWebHistory, isNavigationFailure } from 'vue-router';
import { notePlace, scrollBehavior } from './place.js';
import { session } from './session.js';
import { style } from './style.js';
import { has, t } from './text.js';
import Home from '../pages/home.js';

/** A page and the style sheets of its own, loaded when it is first shown. @type {(name: string, ...sheets: string[]) => () => Promise<any>} */
const page = (name, ...sheets) => async () => (await Promise.all([import(`../pages/${name}.js`), ...sheets.map(style)]))[0];

/** @type {import('vue-router').RouteRecordRaw[]} */
const routes = [
	{ path: '/', name: 'home', component: Home },
	{ path: '/app', redirect: '/' },
	{ path: '/app/sign-in', name: 'sign-in', component: page('sign-in', 'gate'), meta: { open: true, bare: true } },
	{ path: '/app/register', name: 'register', component: page('sign-in', 'gate'), meta: { open: true, bare: true } },
	{ path: '/app/code', name: 'code', component: page('code', 'gate'), meta: { open: true, bare: true } },
	{ path: '/app/link', name: 'link', component: page('link', 'gate'), meta: { bare: true } },
	{ path: '/app/forgot', name: 'forgot', component: page('forgot', 'gate'), meta: { open: true, bare: true } },
	{ path: '/app/email', name: 'email', component: page('email', 'gate'), meta: { open: true, bare: true } },
	{ path: '/app/reset', name: 'reset', component: page('reset', 'gate'), meta: { open: true, bare: true } },
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
	scrollBehavior,
});

/** Whether somebody is on the way to another page, which may have to be loaded first. */
export const underWay = ref(false);
let goingBack = false;

/** @param {string} [name] of a page, or of what it shows */
export function entitle(name) {
	document.title = name ? `${name} – Antenna` : 'Antenna';
}

router.beforeEach((to, from) => {
	underWay.value = to.path !== from.path;
	notePlace(from.fullPath);
	if (session.state === 'out' && !to.meta.open)
		return { name: 'sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } };
	return true;
});
router.afterEach((to, from, failure) => {
	if (isNavigationFailure(failure, NavigationFailureType.cancelled))
		return; // by another one, which goes on
	underWay.value = goingBack = false;
	const name = `nav.${String(to.name)}`;
	if (!failure && to.path !== from.path)
		entitle(has(name) ? t(name) : '');
});

/** What is told when a page cannot be had. @param {(cause: any) => void} tell */
export function onLost(tell) {
	router.onError((cause) => {
		underWay.value = goingBack = false;
		tell(cause);
	});
}

/** Whether somebody is still on the page that asks, and stays: what it waited for may come too late to go on from it. */
export function useHere() {
	let here = true;
	onBeforeUnmount(() => { here = false; });
	return () => here && !underWay.value;
}

/** The page of a card, a found item or a purchase. @param {{kind: string, id: number}} item */
export function pageOf(item) {
	const names = { movie: 'movie', series: 'one-series', season: 'one-series', episode: 'episode',
		person: 'person', channel: 'channel' };
	const name = names[/** @type {keyof names} */ (item.kind)];
	return name ? { name, params: { id: item.id } } : { name: 'home' };
}

/** Where a movie or an episode plays. @type {(item: {kind: string, id: number}, query?: Record<string, string>) => any} */
export const watchPage = ({ kind, id }, query) => ({ name: 'watch', params: { kind: kind === 'episode' ? 'episodes' : 'movies', id }, query });

/** Back to where the viewer came from, once however often it is pressed; a page opened by its address goes up. @param {any} up */
export function goBack(up = '/') {
	if (goingBack)
		return;
	goingBack = true;
	if (history.state?.back)
		router.back();
	else
		router.replace(up);
}
