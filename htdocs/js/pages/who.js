// Who is watching: the profiles of the account, each with its PIN.
import { computed, onMounted, ref, shallowRef } from 'vue';
import { RouterLink, useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { html } from '../core/html.js';
import { useAct, useLoad } from '../core/load.js';
import { router as appRouter, underWay } from '../core/router.js';
import { session, watchAs } from '../core/session.js';
import { t } from '../core/text.js';
import { Face } from '../parts/bar.js';
import { Dialog } from '../parts/dialog.js';
import { Field, FormProblem, useForm } from '../parts/form.js';
import { Icon } from '../parts/icon.js';
import { Failed, Skeleton } from '../parts/states.js';

/** At the start of the app: to this page when there is a choice; not from where somebody went meanwhile. */
export async function offerChoice() {
	const { items } = await api.get('/users/profiles').catch(() => ({ items: [] }));
	const stayed = appRouter.currentRoute.value.name === 'home' && !underWay.value;
	if (stayed && (items.length > 1 || items[0]?.has_pin))
		appRouter.replace({ name: 'who' });
}

export default {
	setup() {
		const route = useRoute();
		const router = useRouter();
		const { data: profiles, problem, load } = useLoad(() => api.get('/users/profiles').then((a) => a.items));
		const asking = shallowRef(/** @type {any} */ (null));
		const editing = ref(false);
		const mayEdit = computed(() => !session.user?.profile.is_kids);

		onMounted(load);

		function go() {
			const to = route.query.to;
			router.replace(typeof to === 'string' && to.startsWith('/app/') ? to : '/');
		}

		const { busy, act: choose } = useAct(async (/** @type {any} */ profile) => {
			if (editing.value) {
				router.push({ name: 'profile', params: { id: profile.id } });
				return;
			}
			if (profile.has_pin) {
				asking.value = profile;
				return;
			}
			await watchAs(profile.id);
			go();
		});

		const pin = useForm(async (data, form) => {
			try {
				await watchAs(asking.value.id, data.pin);
			} catch (cause) {
				form.reset();
				/** @type {HTMLInputElement} */ (form.elements.namedItem('pin')).focus();
				throw cause;
			}
			go();
		});

		/** @param {any} profile */
		const person = (profile) => html`<li key=${profile.id}><button type="button" class="person" aria-disabled=${busy.value || null} onClick=${() => choose(profile)}>
			<${Face} profile=${profile} />
			<span class="name">${profile.name}</span>
			<span class="quiet small">${profile.is_kids ? t('who.kids') : ''}${profile.max_age < 18 && !profile.is_kids ? t('who.until', { age: profile.max_age }) : ''}</span>
			${profile.has_pin && !editing.value ? html`<span class="mark"><${Icon} name="lock" /><span class="hide">${t('who.has_pin')}</span></span>` : null}
			${editing.value ? html`<span class="mark"><${Icon} name="edit" /><span class="hide">${t('who.edit')}</span></span>` : null}
		</button></li>`;

		return () => html`<main class="who-page" id="main" tabindex="-1">
			<h1>${t(editing.value ? 'who.manage' : 'who.title')}</h1>
			${problem.value ? html`<${Failed} problem=${problem.value} onRetry=${load} />` : null}
			${!profiles.value && !problem.value ? html`<${Skeleton} shape="faces" n=${3} />` : null}
			${profiles.value ? html`<ul class="people">
				${profiles.value.map(person)}
				${mayEdit.value ? html`<li><${RouterLink} class="person add" to=${{ name: 'profile', params: { id: 'new' } }}><span class="face"><${Icon} name="plus" /></span><span class="name">${t('who.add')}</span><//></li>` : null}
			</ul>` : null}
			${mayEdit.value && profiles.value ? html`<button type="button" onClick=${() => { editing.value = !editing.value; }}>${t(editing.value ? 'done' : 'who.manage')}</button>` : null}
			${asking.value ? html`<${Dialog} title=${t('who.pin_of', { name: asking.value.name })} onClose=${() => { asking.value = null; }}>
				<form onSubmit=${pin.submit}>
					<${FormProblem} form=${pin.state} />
					<${Field} name="pin" label=${t('who.pin')} form=${pin.state} type="password" inputmode="numeric" pattern="[0-9]{4,8}" maxlength="8" autocomplete="off" required=${true} autofocus=${true} />
					<button class="main" type="submit" aria-disabled=${pin.state.busy || null}>${t('go_on')}</button>
				</form><//>` : null}
		</main>`;
	},
};
