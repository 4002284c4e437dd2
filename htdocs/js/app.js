// The frame of all pages: the bar, what is signed in, and messages.
import { onBeforeUnmount, onMounted, ref, watch } from 'vue';
import { RouterView, useRoute, useRouter } from 'vue-router';
import { html } from './core/html.js';
import { underWay } from './core/router.js';
import { resume, session } from './core/session.js';
import { t } from './core/text.js';
import { Bar } from './parts/bar.js';
import { dismiss, Question } from './parts/confirm.js';
import { Failed } from './parts/states.js';
import { Toasts } from './parts/toast.js';

function useOnline() {
	const online = ref(navigator.onLine);
	const look = () => { online.value = navigator.onLine; };
	onMounted(() => ['online', 'offline'].forEach((name) => addEventListener(name, look)));
	onBeforeUnmount(() => ['online', 'offline'].forEach((name) => removeEventListener(name, look)));
	return online;
}

export const App = {
	setup() {
		const route = useRoute();
		const router = useRouter();
		const online = useOnline();

		watch(() => session.state, (state) => {
			if (state === 'out' && !route.meta.open)
				router.replace({ name: 'sign-in', query: route.fullPath === '/' ? {} : { to: route.fullPath } });
		});
		watch(() => route.path, dismiss);
		watch(() => [route.name, route.params.id], () => {
			const main = document.querySelector('main');
			if (main && document.activeElement && !main.contains(document.activeElement))
				/** @type {HTMLElement} */ (main.querySelector('[autofocus]') || main).focus({ preventScroll: true });
		}, { flush: 'post' });

		async function again() {
			await resume();
			if (session.state === 'out')
				router.replace({ name: 'sign-in' });
		}

		return () => {
			const bare = route.meta.bare || session.state !== 'in';
			const view = session.state === 'unreachable'
				? html`<main class="page" id="main"><${Failed} problem=${session.problem} onRetry=${again} /></main>`
				// signed out, a page goes at once: what it shows was somebody's
				: session.state === 'out' && !route.meta.open ? null
				: html`<${RouterView} key=${`${session.user?.profile.id}/${String(route.name)}/${route.params.id || ''}/${route.query.start || ''}`} />`;
			return html`<div class=${['frame', bare ? 'bare' : '', route.meta.full ? 'full' : '']}>
				<a class="skip" href="#main" onClick=${(/** @type {Event} */ e) => {
		e.preventDefault();
		document.querySelector('main')?.focus();
	}}>${t('skip')}</a>
				${underWay.value ? html`<i class="under-way" role="status" aria-label=${t('state.loading')}></i>` : null}
				${bare ? null : html`<${Bar} />`}
				${online.value ? null : html`<p class="offline" role="status">${t('state.offline')}</p>`}
				${view}
				<${Question} /><${Toasts} />
			</div>`;
		};
	},
};
