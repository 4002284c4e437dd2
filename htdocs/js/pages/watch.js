// The player: on demand, live, from the start of a programme, or later.
import { computed, nextTick, onBeforeUnmount, onMounted, ref, watch } from 'vue';
import { onBeforeRouteLeave, useRoute, useRouter } from 'vue-router';
import { useAgain } from '../core/again.js';
import { art } from '../core/art.js';
import { clock as wallClock, counter, moment } from '../core/format.js';
import { html } from '../core/html.js';
import { channelBeside } from '../core/guide.js';
import { forgetLists } from '../core/lists.js';
import { makePlayback } from '../core/playback.js';
import { goBack, pageOf, useHere, watchPage } from '../core/router.js';
import { BACK_KEYS, focusOn } from '../core/spatial.js';
import { useSubject } from '../core/subject.js';
import { t } from '../core/text.js';
import { EVENTS, useClock } from '../core/video.js';
import { control, LevelMenu, SeekBar, TrackMenu } from '../parts/controls.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';
import { Offers } from '../parts/offers.js';
import { usePreview } from '../parts/preview.js';
import { explain } from '../parts/states.js';
import { complain } from '../parts/toast.js';

const HIDE_MS = 3500;
const STEP = 10;
/** What comes up by itself: skipping the intro, the next episode. */
const PROMPT = ['button.prompt', '.prompt button'];
const NEXT_SECONDS = 10;
const EDGE_SECONDS = 8;

export default {
	setup() {
		const route = useRoute();
		const router = useRouter();
		const id = Number(route.params.id);
		const live = !!route.meta.live;
		const start = typeof route.query.start === 'string' ? route.query.start : null;
		const playback = makePlayback({ id, live, start, fromStart: route.query.from === 'start' });
		const { subject, programme } = useSubject(id, live ? 'live' : String(route.params.kind), start);
		const { clock, read } = useClock();
		const video = ref(/** @type {HTMLVideoElement | null} */ (null));
		const frame = ref(/** @type {HTMLElement | null} */ (null));
		const shown = ref(true);
		const menu = ref('');
		const countdown = ref(-1);
		let /** @type {any} */ hideTimer, /** @type {any} */ nextTimer;
		let declined = false;
		const here = useHere();

		const { state } = playback;
		const markers = computed(() => (state.info?.markers || []).filter((/** @type {any} */ m) => m.end > m.start));
		const marker = computed(() => markers.value.find((/** @type {any} */ m) => m.kind !== 'credits' && clock.time >= m.start && clock.time < m.end - 1));
		const atEdge = computed(() => live && !start && clock.duration - clock.time < EDGE_SECONDS);
		const next = computed(() => state.info?.next_episode);

		function wake() {
			shown.value = true;
			clearTimeout(hideTimer);
			hideTimer = setTimeout(() => {
				if (!clock.paused && !menu.value && state.phase === 'playing')
					shown.value = false;
			}, HIDE_MS);
		}

		function toggle() {
			const v = video.value;
			if (!v)
				return;
			const paused = v.paused;
			if (paused)
				v.play().catch(() => {});
			else
				v.pause();
			playback.beat(paused ? 'resume' : 'pause');
			wake();
		}

		/** @param {number} to */
		function seek(to) {
			const v = video.value;
			if (!v)
				return;
			wake();
			if (!v.readyState)
				return; // where it begins is not known yet
			v.currentTime = Math.min(Math.max(clock.from, to), Math.max(clock.from, clock.duration - 1));
		}

		const preview = usePreview(clock, playback.thumbnails.at);
		/** @param {number} to */
		function look(to) {
			seek(to);
			preview.show(to);
		}
		/** From where it is by now, however late the page learns of it. @param {number} by */
		const step = (by) => look((video.value?.currentTime || 0) + by);

		function toEdge() {
			if (start)
				router.replace({ name: 'watch-live', params: { id } });
			else
				seek(playback.edge() ?? clock.duration);
		}

		function startOver() {
			const from = programme.value?.start;
			if (from)
				router.replace({ name: 'watch-live', params: { id }, query: { start: from } });
		}

		function mute() {
			if (video.value)
				video.value.muted = !video.value.muted;
			wake();
		}

		function full() {
			if (document.fullscreenElement)
				document.exitFullscreen();
			else
				frame.value?.requestFullscreen().catch(() => {});
		}

		const { tracks } = playback;
		/** @param {(id: number) => void} choose */
		const choosing = (choose) => (/** @type {number} */ id) => {
			choose(id);
			menu.value = '';
		};
		/** What opens and closes a menu. @type {(name: string, icon: string, label: string) => any} */
		const opener = (name, icon, label) => control(icon, label, () => { menu.value = menu.value === name ? '' : name; }, { 'aria-expanded': menu.value === name, 'data-menu': name });
		const trackTitle = computed(() => t(tracks.state.sounds.length < 2 ? 'player.subtitles' : tracks.state.texts.length ? 'player.tracks' : 'player.sound'));

		function goNext() {
			clearInterval(nextTimer);
			playback.leave('ended');
			router.replace(watchPage({ kind: 'episode', id: next.value.id }, { from: 'start' }));
		}

		function offerNext() {
			if (declined || countdown.value >= 0 || !next.value)
				return;
			countdown.value = NEXT_SECONDS;
			nextTimer = setInterval(() => {
				if (!clock.paused && --countdown.value <= 0)
					goNext();
			}, 1000);
			wake();
		}

		function offerNothing() {
			countdown.value = -1;
			clearInterval(nextTimer);
		}

		function stay() {
			declined = true;
			offerNothing();
		}
		// another device plays, or it may not be watched any more
		watch(() => state.phase, (phase) => { if (phase !== 'playing') offerNothing(); });

		function onTime() {
			if (!video.value)
				return;
			read(video.value, playback.edge());
			const credits = markers.value.find((/** @type {any} */ m) => m.kind === 'credits');
			const from = credits ? credits.start : clock.duration - NEXT_SECONDS - 2;
			if (!live && clock.duration > 60 && clock.time >= from)
				offerNext();
			else if (countdown.value >= 0)
				offerNothing(); // gone back before it
		}

		function onEnded() {
			playback.leave('ended');
			if (next.value && !declined)
				goNext();
			else
				leave();
		}

		function leave() {
			if (document.fullscreenElement)
				document.exitFullscreen();
			goBack(live ? { name: 'live' } : pageOf(subject.value));
		}

		/** @param {number} by */
		async function zap(by) {
			if (!live)
				return;
			const to = await channelBeside(id, by);
			if (to && here())
				router.replace({ name: 'watch-live', params: { id: to.id } });
		}

		const [up, down] = [1, -1].map((by) => () => { zap(by).catch(complain); });
		const shut = () => { if (menu.value) menu.value = ''; else leave(); };

		/** @type {Record<string, () => void>} */
		const keys = {
			' ': toggle, k: toggle, MediaPlayPause: toggle, f: full, m: mute, j: () => step(-STEP), l: () => step(STEP),
			MediaFastForward: () => step(3 * STEP), MediaRewind: () => step(-3 * STEP), MediaStop: leave,
			PageUp: up, PageDown: down, ChannelUp: up, ChannelDown: down,
			c: tracks.toggleText,
			...Object.fromEntries(['Escape', ...BACK_KEYS].map((key) => [key, shut])),
		};
		/** What goes on while its key is held; the others are pressed once. */
		const HELD = /^Arrow|^Media(FastForward|Rewind)$|^[jl]$/;

		/** @param {KeyboardEvent} event */
		function onKey(event) {
			const hidden = !shown.value;
			const at = /** @type {Element} */ (event.target);
			wake();
			if (event.ctrlKey || event.altKey || event.metaKey || at.closest('dialog') || state.phase !== 'playing' && keys[event.key] !== shut)
				return;
			if (event.repeat && !HELD.test(event.key)) {
				event.preventDefault();
				return;
			}
			const onButton = at.closest('button, a, input');
			if (event.key === ' ' && onButton && !hidden)
				return;
			if (keys[event.key])
				keys[event.key]();
			else if (at.closest('.player-menu') && event.key.startsWith('Arrow'))
				moveInMenu(at, { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0);
			else if (event.key === 'Enter' && (hidden || !onButton))
				toggle();
			else if (event.key === 'ArrowLeft' && (hidden || !onButton || at.matches('.seek input')))
				step(-STEP);
			else if (event.key === 'ArrowRight' && (hidden || !onButton || at.matches('.seek input')))
				step(STEP);
			else if (hidden && event.key.startsWith('Arrow'))
				focusIn('.buttons button');
			else if (at.matches('.seek input') && event.key === 'ArrowDown')
				focusIn('.buttons button');
			else if (at.matches('.seek input') && event.key === 'ArrowUp')
				focusIn(...PROMPT, '.player-top button');
			else
				return;
			event.preventDefault();
			event.stopPropagation();
		}

		/** What a menu scrolls to is behind the controls as well, so its arrows are its own. @type {(at: Element, by: number) => void} */
		function moveInMenu(at, by) {
			const list = /** @type {HTMLElement[]} */ (Array.from(frame.value?.querySelectorAll('.player-menu button') || []));
			const to = list[list.indexOf(/** @type {HTMLElement} */ (at)) + by];
			if (to)
				focusOn(to);
		}

		/** The focus goes to the first of these that is there. @param {...string} selectors */
		function focusIn(...selectors) {
			const found = selectors.map((s) => frame.value?.querySelector(s)).find(Boolean);
			/** @type {HTMLElement | undefined} */ (found)?.focus({ preventScroll: true });
		}

		// What comes up by itself is one press away, and leaves the focus where it was useful.
		watch(() => countdown.value >= 0 ? 'next' : marker.value?.kind, async (prompt) => {
			await nextTick();
			const at = document.activeElement;
			if (prompt && !menu.value)
				focusIn(...PROMPT);
			else if (!at || at === document.body)
				focusIn('.buttons button');
		});

		// A menu begins at what is chosen, and leaves the focus where it was opened.
		watch(menu, async (name, before) => {
			await nextTick();
			if (name)
				focusIn('.player-menu [aria-checked="true"]', '.player-menu button');
			else
				focusIn(`.buttons [data-menu="${before}"]`);
		});

		const onFull = () => { clock.full = !!document.fullscreenElement; };
		const onHide = () => playback.leave();
		/** The page is shown again as it was left, by a browser that kept it. @param {PageTransitionEvent} event */
		const onShow = (event) => { if (event.persisted) open(); };
		useAgain(() => state.phase === 'failed' ? state.problem : null, () => open());

		async function open(options = {}) {
			await nextTick();
			if (video.value)
				await playback.open(video.value, options);
			wake();
			if (state.phase === 'playing')
				focusIn(...PROMPT, '.buttons button');
		}

		onMounted(() => {
			const v = /** @type {HTMLVideoElement} */ (video.value);
			EVENTS.forEach((name) => v.addEventListener(name, onTime));
			v.addEventListener('ended', onEnded);
			addEventListener('keydown', onKey, true);
			addEventListener('pagehide', onHide);
			addEventListener('pageshow', onShow);
			addEventListener('online', playback.goOn);
			document.addEventListener('fullscreenchange', onFull);
			open();
		});
		onBeforeUnmount(() => {
			playback.leave();
			clearTimeout(hideTimer);
			clearInterval(nextTimer);
			removeEventListener('keydown', onKey, true);
			removeEventListener('pagehide', onHide);
			removeEventListener('pageshow', onShow);
			removeEventListener('online', playback.goOn);
			document.removeEventListener('fullscreenchange', onFull);
		});
		onBeforeRouteLeave(() => { forgetLists('own '); });

		/** The other places that play, to take one over. */
		function Limit() {
			const sessions = state.problem.body.sessions || [];
			return html`<${Dialog} title=${t('player.limit')} onClose=${leave}>
				<p>${t('player.limit_why')}</p>
				<ul class="lines">${sessions.map((/** @type {any} */ s) => html`<li key=${s.id}><span class="grow"><strong>${s.content?.title || t('player.something')}</strong>
					<span class="quiet small">${[s.device_name, moment(s.started_at)].filter(Boolean).join(' · ')}</span></span>
					<button type="button" onClick=${() => open({ takeover: s.id, play: true })}>${t('player.take_over')}</button></li>`)}</ul>
			<//>`;
		}

		function Message() {
			if (state.phase === 'loading')
				return html`<p class="spinner" role="status" aria-label=${t('state.loading')}></p>`;
			if (state.phase === 'playing')
				return clock.waiting ? html`<p class="spinner" role="status" aria-label=${t('state.loading')}></p>${state.problem ? html`<p class="stalled" role="status">${explain(state.problem)}</p>` : null}` : null;
			if (state.phase === 'limit')
				return Limit();
			const { problem } = state;
			return html`<div class="refusal" role="alert"><h1>${subject.value.title}</h1>
				${state.phase === 'refused' ? html`<${Offers} decision=${{ ...problem.body, reason: problem.body.reason || problem.code }} item=${subject.value} onBought=${() => open()} />`
		: html`<p>${state.phase === 'taken' ? t('player.taken', { who: problem.body.by?.device_name || t('player.another') }) : problem.status === 404 ? t('player.missing') : explain(problem)}</p>`}
				<div class="row">${state.phase === 'refused' ? null : html`<button type="button" class="main" onClick=${() => open({ play: true })}>${t('again')}</button>`}<button type="button" onClick=${leave}>${t('back')}</button></div></div>`;
		}

		function Top() {
			const s = subject.value;
			const p = programme.value;
			const name = s.kind === 'episode' ? s.series.title : live && p ? p.title : s.title;
			const more = s.kind === 'episode' ? `${t('title.number', { s: s.season.number, e: s.number })} · ${s.title}` : live ? [`${s.number ?? ''} ${s.title}`, p && `${wallClock(p.start)}–${wallClock(p.end)}`].filter(Boolean).join(' · ') : '';
			return html`<div class="player-top">${control('back', t('back'), leave)}<div><h1>${name}</h1>${more ? html`<p class="quiet">${more}</p>` : null}</div></div>`;
		}

		function Bottom() {
			const p = programme.value;
			return html`<div class="player-bottom">
				${SeekBar(clock, look, markers.value, preview)}
				<div class="buttons">
					${control(clock.paused ? 'play' : 'pause', t(clock.paused ? 'play' : 'player.pause'), toggle)}
					${control('rewind', t('player.back', { n: STEP }), () => step(-STEP))}
					${control('forward', t('player.ahead', { n: STEP }), () => step(STEP))}
					${control(clock.muted ? 'mute' : 'volume', t(clock.muted ? 'player.unmute' : 'player.mute'), mute)}
					<input class="volume" type="range" min="0" max="1" step="0.05" value=${clock.volume} aria-label=${t('player.volume')} onInput=${(/** @type {any} */ e) => { if (video.value) { video.value.volume = Number(e.target.value); video.value.muted = false; } }} />
					${live && !start ? html`<button type="button" class=${atEdge.value ? 'edge on' : 'edge'} onClick=${toEdge}><i></i>${t('player.live')}</button>`
		: live ? html`<button type="button" class="edge" onClick=${toEdge}><i></i>${t('player.to_live')}</button>`
			: html`<span class="times">${counter(clock.time)} / ${counter(clock.duration)}</span>`}
					<span class="grow"></span>
					${live && !start && subject.value.catchup_hours && p ? control('restart', t('live.start_over'), startOver) : null}
					${next.value ? control('next', t('title.next'), goNext) : null}
					${tracks.state.texts.length || tracks.state.sounds.length > 1 ? opener('tracks', 'captions', trackTitle.value) : null}
					${state.levels.length > 1 ? opener('levels', 'gear', t('player.quality')) : null}
					${control('full', t(clock.full ? 'player.window' : 'player.full'), full)}
				</div>
				${menu.value === 'tracks' ? TrackMenu(trackTitle.value, tracks.state, choosing(tracks.chooseSound), choosing(tracks.chooseText)) : null}
				${menu.value === 'levels' ? LevelMenu(state.levels, state.level, choosing(playback.setLevel)) : null}
			</div>`;
		}

		function Prompt() {
			if (countdown.value >= 0)
				return html`<div class="prompt" role="alert"><p>${t('player.next_in', { n: countdown.value })}</p><strong>${next.value.title}</strong>
					<div class="row"><button type="button" class="main" onClick=${goNext}><${Icon} name="play" fill=${true} />${t('player.next_now')}</button><button type="button" onClick=${stay}>${t('cancel')}</button></div></div>`;
			if (marker.value)
				return html`<button type="button" class="prompt skip-marker main" onClick=${() => seek(marker.value.end)}>${t(`player.skip_${marker.value.kind}`)}</button>`;
			return null;
		}

		return () => {
			const playing = state.phase === 'playing';
			const calm = playing && !shown.value;
			return html`<main class=${calm ? 'player calm' : 'player'} id="main" tabindex="-1" ref=${frame} onPointermove=${wake} onPointerdown=${wake}>
				${playing ? null : html`<img class="player-back" src=${art(id, 'wide')} alt="" />`}
				<video ref=${video} playsinline="" aria-label=${subject.value.title || t('player.video')} hidden=${!playing && state.phase !== 'loading'} onClick=${toggle}>
					${state.files.map((/** @type {any} */ s) => html`<track key=${s.url} kind=${s.kind === 'captions' ? 'captions' : 'subtitles'} srclang=${s.language} src=${s.url} />`)}
				</video>
				${Message()}
				<div class="player-ui" inert=${calm}>${Top()}${playing ? Bottom() : null}</div>
				${playing ? Prompt() : null}
			</main>`;
		};
	},
};

