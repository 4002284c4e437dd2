// A profile: its name, what it may see, its PIN.
import { onMounted, reactive, ref } from 'vue';
import { useRoute } from 'vue-router';
import * as api from '../core/api.js';
import { html } from '../core/html.js';
import { useAct, useLoad } from '../core/load.js';
import { goBack, useHere } from '../core/router.js';
import { session } from '../core/session.js';
import { t } from '../core/text.js';
import { sure } from '../parts/confirm.js';
import { Choice, Field, FormProblem, useForm } from '../parts/form.js';
import { Failed, Skeleton } from '../parts/states.js';

const AGES = [0, 6, 12, 16, 18];

export default {
	setup() {
		const { id } = useRoute().params;
		const fresh = id === 'new';
		const profile = reactive({ name: '', is_kids: false, max_age: 18, has_pin: false, language: null, avatar: null });
		const needsPassword = ref(false);
		const here = useHere();
		const back = () => here() && goBack({ name: 'who' });
		const { data, problem, load } = useLoad(async () => fresh ? profile : api.get(`/users/profiles/${id}`), (known) => { Object.assign(profile, known); });
		onMounted(load);

		const form = useForm(async (data) => {
			const body = { name: data.name.trim(), is_kids: profile.is_kids, max_age: Number(data.max_age),
				language: profile.language, avatar: profile.avatar,
				...(data.pin && { pin: data.pin }), ...(data.no_pin && { pin: null }),
				...(data.password && { password: data.password }) };
			try {
				await (fresh ? api.post('/users/profiles', body) : api.put(`/users/profiles/${id}`, body));
			} catch (cause) {
				if (/** @type {any} */ (cause).code === 'password_required')
					needsPassword.value = true;
				throw cause;
			}
			if (Number(id) === session.user?.profile.id)
				session.user.profile.name = body.name;
			back();
		});

		const { act: erase } = useAct(async () => {
			if (!await sure(t('profile.really', { name: profile.name })))
				return;
			await api.remove(`/users/profiles/${id}`);
			back();
		});

		return () => !data.value ? html`<main class="gate" id="main" tabindex="-1">${problem.value ? html`<${Failed} problem=${problem.value} onRetry=${load} />` : html`<${Skeleton} shape="rows" n=${4} />`}</main>` : html`<main class="gate" id="main" tabindex="-1"><form class="panel" onSubmit=${form.submit}>
			<h1>${t(fresh ? 'who.add' : 'who.edit')}</h1>
			<${FormProblem} form=${form.state} />
			<${Field} name="name" label=${t('gate.name')} form=${form.state} value=${profile.name} required=${true} maxlength="50" autocomplete="off" onInput=${(/** @type {any} */ e) => { profile.name = e.target.value; }} />
			<label class="tick"><input type="checkbox" checked=${profile.is_kids} onChange=${() => {
		profile.is_kids = !profile.is_kids;
		profile.max_age = profile.is_kids ? 6 : 18;
	}} />${t('profile.kids')}</label>
			<${Choice} key=${String(profile.is_kids)} name="max_age" label=${t('profile.age')} value=${profile.max_age} form=${form.state}
				options=${(profile.is_kids ? AGES.slice(0, 3) : AGES).map((a) => [String(a), a === 18 ? t('profile.everything') : t('who.until', { age: a })])} />
			<${Field} name="pin" label=${t(profile.has_pin ? 'profile.new_pin' : 'profile.pin')} form=${form.state} type="password" inputmode="numeric" pattern="[0-9]{4,8}" maxlength="8" autocomplete="off" hint=${t('profile.pin_hint')} />
			${profile.has_pin ? html`<label class="tick"><input type="checkbox" name="no_pin" />${t('profile.no_pin')}</label>` : null}
			${needsPassword.value ? html`<${Field} name="password" label=${t('profile.password')} form=${form.state} type="password" autocomplete="current-password" required=${true} autofocus=${true} />` : null}
			<div class="row"><button class="main" type="submit" aria-disabled=${form.state.busy || null}>${t('save')}</button>
			<button type="button" onClick=${back}>${t('cancel')}</button>
			${fresh ? null : html`<button type="button" class="danger" onClick=${() => erase()}>${t('delete')}</button>`}</div>
		</form></main>`;
	},
};
