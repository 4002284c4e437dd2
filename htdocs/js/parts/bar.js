// The bar with the ways to the pages: above, and on small screens also below.
import { onBeforeUnmount, onMounted, ref } from 'vue';
import { RouterLink, useRoute, useRouter } from 'vue-router';
import { hue } from '../core/art.js';
import { html } from '../core/html.js';
import { isAdmin, session, signOut } from '../core/session.js';
import { BACK_KEYS } from '../core/spatial.js';
import { t } from '../core/text.js';
import { Icon } from './icon.js';

const places = [
	['home', 'home'], ['movies', 'film'], ['series', 'series'], ['live', 'live'], ['guide', 'guide'],
	['list', 'list'],
];

/** @param {{profile: {id: number, name: string}}} props */
export function Face({ profile }) {
	return html`<span class="face" style=${{ '--hue': hue(profile.id) }} aria-hidden="true">${[...profile.name][0]}</span>`;
}
Face.props = ['profile'];

/** @param {(e: Event) => void} outside */
function useOutside(outside) {
	onMounted(() => ['pointerdown', 'focusin'].forEach((name) => addEventListener(name, outside)));
	onBeforeUnmount(() => ['pointerdown', 'focusin'].forEach((name) => removeEventListener(name, outside)));
}

const Menu = {
	setup() {
		const open = ref(false);
		const place = ref(/** @type {HTMLElement | null} */ (null));
		const router = useRouter();

		useOutside((event) => {
			if (open.value && !place.value?.contains(/** @type {Node} */ (event.target)))
				open.value = false;
		});

		/** @param {KeyboardEvent} event */
		function onKey(event) {
			if (![...BACK_KEYS, 'Escape'].includes(event.key) || !open.value)
				return;
			open.value = false;
			event.preventDefault();
			event.stopPropagation();
			place.value?.querySelector('button')?.focus();
		}

		async function leave() {
			open.value = false;
			await signOut();
			router.replace({ name: 'sign-in' });
		}

		/** @type {(name: string, icon: string, to: any) => any} */
		const entry = (name, icon, to) => html`<${RouterLink} to=${to} onClick=${() => { open.value = false; }}>
			<${Icon} name=${icon} />${t(`nav.${name}`)}</${RouterLink}>`;

		return () => {
			const user = session.user;
			if (!user)
				return null;
			return html`<div class="menu" ref=${place} onKeydown=${onKey}>
				<button class="who" type="button" aria-expanded=${open.value} aria-label=${t('nav.menu', { name: user.profile.name })}
					onClick=${() => { open.value = !open.value; }}>
					<${Face} profile=${user.profile} /><${Icon} name="down" />
				</button>
				${open.value ? html`<div class="drop">
					<p><strong>${user.profile.name}</strong><span class="quiet small">${user.email}</span></p>
					${entry('who', 'user', { name: 'who' })}
					${entry('list', 'list', { name: 'list' })}
					${user.profile.is_kids ? null : entry('account', 'gear', { name: 'account' })}
					${isAdmin() ? entry('admin', 'edit', { name: 'admin' }) : null}
					<button type="button" onClick=${leave}><${Icon} name="out" />${t('nav.sign_out')}</button>
				</div>` : null}
			</div>`;
		};
	},
};

export const Bar = {
	setup() {
		const route = useRoute();
		const solid = ref(false);
		const look = () => { solid.value = scrollY > 12; };
		onMounted(() => { addEventListener('scroll', look, { passive: true }); look(); });
		onBeforeUnmount(() => removeEventListener('scroll', look));

		/** @param {string[]} place */
		const link = ([name, icon]) => html`<${RouterLink} to=${{ name }} class="place"
			aria-current=${route.name === name ? 'page' : null}><${Icon} name=${icon} /><span>${t(`nav.${name}`)}</span></${RouterLink}>`;

		return () => html`<header class=${solid.value || route.meta.full ? 'bar solid' : 'bar'}>
			<${RouterLink} to="/" class="brand" aria-label="Antenna"><img src="/favicon.svg" alt="" width="32" height="32" /><span>Antenna</span></${RouterLink}>
			<nav aria-label=${t('nav.main')}>${places.map(link)}</nav>
			<span class="grow"></span>
			<${RouterLink} to=${{ name: 'search' }} class="place find" aria-label=${t('nav.search')}
				aria-current=${route.name === 'search' ? 'page' : null}><${Icon} name="search" /></${RouterLink}>
			<${Menu} />
		</header>`;
	},
};
